package org.depesche.smtp.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.depesche.mail.Reply;
import org.depesche.sasl.ClientStep;
import org.depesche.sasl.SaslClient;

/// One login on a connection (RFC 4954 §4).
final class LoginExchange {

  private static final int ACCEPTED = 235;
  private static final int CHALLENGE = 334;

  /// RFC 5321 §4.5.3.1.4: the longest command line, its end included. An initial response that does
  /// not fit is the answer to an empty challenge (RFC 4954 §4).
  private static final int MAX_COMMAND = 512;

  /// Most challenges of one exchange; no mechanism has as many.
  private static final int MAX_ROUNDS = 10;

  private static final String HIDDEN = "(hidden)";

  private final Wire wire;
  private final SaslClient sasl;

  LoginExchange(Wire wire, SaslClient sasl) {
    this.wire = wire;
    this.sasl = sasl;
  }

  Login run() throws LostException {
    Optional<byte[]> waiting = sasl.initialResponse();
    String command = "AUTH " + sasl.mechanism().wireName();
    String initial = waiting.map(LoginExchange::initial).orElse("");
    boolean fits = command.length() + 1 + initial.length() + 2 <= MAX_COMMAND;
    if (waiting.isPresent() && fits) {
      waiting = Optional.empty();
      wire.secret(command + " " + initial, command + " " + HIDDEN);
    } else {
      wire.command(command);
    }
    Reply reply = answer();
    for (int i = 0; i < MAX_ROUNDS && reply.code() == CHALLENGE; i++) {
      ClientStep step =
          waiting.isPresent()
              ? new ClientStep.Response(waiting.get())
              : sasl.respond(challenge(reply));
      waiting = Optional.empty();
      switch (step) {
        case ClientStep.Response(byte[] data) -> reply = respond(data);
        case ClientStep.Failed(_, var reason) -> {
          wire.command("*");
          return new Login.Failed(reason + "; the server says " + answer());
        }
      }
    }
    return ended(reply);
  }

  private Login ended(Reply reply) throws LostException {
    if (reply.code() == ACCEPTED) {
      return sasl.accepted()
          .<Login>map(doubt -> new Login.Failed(doubt.reason()))
          .orElseGet(() -> new Login.Accepted(sasl.mechanism()));
    }
    if (reply.isPositive()) {
      throw new LostException("unexpected reply to AUTH: " + reply);
    }
    return new Login.Refused(reply);
  }

  /// RFC 4954 §4: an initial response of no octets is an equals sign.
  private static String initial(byte[] response) {
    return response.length == 0 ? "=" : Base64.getEncoder().encodeToString(response);
  }

  private static byte[] challenge(Reply reply) throws LostException {
    try {
      return Base64.getDecoder()
          .decode(reply.lines().getFirst().strip().getBytes(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new LostException("the challenge is not base64", e);
    }
  }

  private Reply respond(byte[] data) throws LostException {
    wire.secret(Base64.getEncoder().encodeToString(data), HIDDEN);
    return answer();
  }

  private Reply answer() throws LostException {
    wire.flush();
    return wire.reply(wire.timeouts().command());
  }
}
