package org.depesche.smtp.server;

import java.io.IOException;
import java.util.Optional;
import org.depesche.mail.Reply;

/// What a session says, and whether it has said its last: counts its refusals and knows which
/// replies end it.
final class Answers {

  private final SmtpService service;
  private final SessionOutput output;
  private int errors;
  private int idle;
  private Optional<Ending> ending = Optional.empty();

  Answers(SmtpService service, SessionOutput output) {
    this.service = service;
    this.output = output;
  }

  /// Why the session is over; empty while it is not.
  Optional<Ending> ending() {
    return ending;
  }

  void end(Ending why) {
    ending = Optional.of(why);
  }

  void close(Ending why, Reply lastWords) throws IOException {
    output.add(service.wire(lastWords));
    end(why);
  }

  void answer(Reply reply) throws IOException {
    output.add(service.wire(reply));
    if (reply.code() == 421) {
      // RFC 5321 §3.8: 421 announces that we close.
      end(Ending.REFUSED);
    } else if (reply.isPermanent()
        && ++errors > service.settings().maxErrors()
        && ending.isEmpty()) {
      close(Ending.ERRORS, Replies.TOO_MANY_ERRORS);
    } else if (reply.isTransient()) {
      // A client that is told to come later has no reason to ask again and again at once.
      var _ = idle();
    }
  }

  /// Counts a command that brings no message closer; true when those were too many, and the session
  /// is over.
  boolean idle() throws IOException {
    if (++idle <= service.settings().maxIdleCommands() || ending.isPresent()) {
      return false;
    }
    close(Ending.ERRORS, Replies.TOO_MANY_COMMANDS);
    return true;
  }

  /// Answers with a refusal that is the session's own, and tells the receiver why.
  void refuse(Client client, String command, Reply reply, String reason) throws IOException {
    try {
      service.receiver().refused(client, command, reply, reason);
    } catch (RuntimeException e) {
      service.receiver().troubled(client, "refused", e);
    }
    answer(reply);
  }

  /// A client whose messages are accepted may make mistakes anew.
  void forgetErrors() {
    errors = 0;
    idle = 0;
  }

  void flush() throws IOException {
    output.flush();
  }
}
