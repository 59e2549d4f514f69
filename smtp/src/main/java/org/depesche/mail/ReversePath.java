package org.depesche.mail;

/// The sender in an envelope: a mailbox, or the null path `<>` of notifications (RFC 5321 §4.5.5).
public sealed interface ReversePath permits NullPath, Mailbox {

  /// What stands between `<` and `>` on the wire; empty for the null path.
  String wire();
}
