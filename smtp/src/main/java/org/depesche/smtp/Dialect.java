package org.depesche.smtp;

/// What the session so far allows in a command line.
public enum Dialect {
  /// HELO, or no greeting yet: no extensions, so no parameters (RFC 5321 §2.2.1).
  BASIC,
  /// EHLO.
  EXTENDED,
  /// EHLO, inside a transaction with SMTPUTF8 (RFC 6531 §3.4).
  INTERNATIONAL
}
