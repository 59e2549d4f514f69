package org.depesche.smtp.client;

import org.depesche.mail.Reply;

/// How the greeting of a server went.
public sealed interface Opening {

  /// It is ready for mail.
  record Ready(Capabilities capabilities) implements Opening {}

  /// It does not want to talk to us.
  ///
  /// @param stage GREETING or HELLO
  record Refused(Stage stage, Reply reply) implements Opening {}

  /// The connection broke, the server kept silent or did not speak SMTP.
  record Broken(Stage stage, String reason) implements Opening {}
}
