package org.depesche.smtp.client;

/// What is spoken with a server.
public enum Protocol {
  /// RFC 5321.
  SMTP,
  /// RFC 2033: greeted with LHLO, and answers the message for each recipient.
  LMTP
}
