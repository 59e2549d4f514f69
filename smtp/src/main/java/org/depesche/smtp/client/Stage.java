package org.depesche.smtp.client;

/// How far a session or a transaction has come, named after what was answered, or waited for, last.
public enum Stage {
  /// The server's opening words.
  GREETING,
  /// EHLO or HELO.
  HELLO,
  MAIL,
  RCPT,
  DATA,
  /// The message itself, up to the answer to its end.
  CONTENT
}
