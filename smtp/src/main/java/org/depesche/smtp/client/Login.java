package org.depesche.smtp.client;

import org.depesche.mail.Reply;
import org.depesche.sasl.Mechanism;

/// How a login went (RFC 4954).
public sealed interface Login {

  /// The server knows who we are.
  record Accepted(Mechanism mechanism) implements Login {}

  /// The server does not believe us; the session goes on as it is.
  record Refused(Reply reply) implements Login {}

  /// The server offers nothing we could log in with; the session goes on as it is.
  record NotPossible(String reason) implements Login {}

  /// The connection broke, or the server did not prove itself; it is closed.
  record Failed(String reason) implements Login {}
}
