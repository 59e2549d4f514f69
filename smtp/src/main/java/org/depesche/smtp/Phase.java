package org.depesche.smtp;

/// How far a session has come (RFC 5321 §4.1.4).
public sealed interface Phase {

  /// Greeted by us, not yet by the client.
  record Connected() implements Phase {}

  /// EHLO or HELO was accepted.
  record Identified() implements Phase {}

  /// MAIL was accepted.
  ///
  /// @param recipients how many RCPT were accepted
  /// @param refused a RCPT was refused
  /// @param chunks a BDAT was accepted (RFC 3030 §2)
  /// @param binary the content is BINARYMIME, which only BDAT can carry (RFC 3030 §3)
  record InTransaction(int recipients, boolean refused, boolean chunks, boolean binary)
      implements Phase {}
}
