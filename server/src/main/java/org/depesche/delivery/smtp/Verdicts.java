package org.depesche.delivery.smtp;

import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Outcome.Handover;
import org.depesche.delivery.Scope;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Reply;
import org.depesche.smtp.client.Answer;
import org.depesche.smtp.client.Stage;

/// What a server's words mean for a recipient.
final class Verdicts {

  private static final int CLOSING = 421;
  private static final int NO_MAIL_HERE = 521;

  private Verdicts() {}

  /// Who answered.
  ///
  /// @param handover what becomes of wishes to hear of success there
  /// @param change what was changed about the message for it, in words; empty for nothing
  record Host(String name, Handover handover, String change) {}

  /// The outcome of an answer that concerns a recipient.
  static Outcome of(Answer answer, Host host) {
    Reply reply = answer.reply();
    if (answer.accepted()) {
      String words = reply + (host.change().isEmpty() ? "" : " (" + host.change() + ")");
      return new Outcome.Delivered(host.name(), words, host.handover());
    }
    Cause cause = cause(reply, host.name(), answer.stage());
    return reply.isPermanent()
        ? new Outcome.Failed(cause)
        : new Outcome.Deferred(
            answer.stage() == Stage.RCPT ? Scope.RECIPIENT : Scope.MESSAGE, cause);
  }

  /// True for an answer that says nothing about message and recipient, but that the host does not
  /// want to go on.
  static boolean isAboutHost(Answer answer) {
    return answer.reply().code() == CLOSING;
  }

  /// True for a recipient that was one too many of the transaction; 552 is what servers used to
  /// say.
  static boolean isTooManyRecipients(Answer answer) {
    int code = answer.reply().code();
    return answer.stage() == Stage.RCPT && (code == 452 || code == 552);
  }

  /// RFC 7504 §3: the host takes no mail at all.
  static boolean isNoMailHere(Reply reply) {
    return reply.code() == NO_MAIL_HERE;
  }

  /// A server's refusal.
  static Cause cause(Reply reply, String host, Stage stage) {
    return new Cause(
        status(reply, stage), host + " said: " + reply, Optional.of(host), Optional.of(reply));
  }

  /// Trouble with a connection.
  static Cause broken(String status, String host, String text) {
    return new Cause(EnhancedStatus.parse(status), text, Optional.of(host), Optional.empty());
  }

  /// The server's own status where it fits the code, else what the code says by itself.
  private static EnhancedStatus status(Reply reply, Stage stage) {
    int kind = reply.isPermanent() ? 5 : 4;
    return reply
        .status()
        .filter(s -> s.classDigit() == kind)
        .orElseGet(
            () -> {
              // RFC 5321 §4.2.3: in answer to RCPT, 550 and 450 are about the mailbox, 552 and 452
              // about its space. The tables of RFC 3463 §3.2 have the numbers.
              int detail = reply.code() % 100;
              boolean mailbox = stage == Stage.RCPT;
              if (mailbox && (detail == 50 || detail == 51 || detail == 53)) {
                return new EnhancedStatus(kind, 1, detail == 53 ? 3 : 1);
              }
              return detail == 52 ? new EnhancedStatus(kind, 2, 2) : new EnhancedStatus(kind, 0, 0);
            });
  }
}
