package org.depesche.mail;

/// What stands right of the `@` in a mailbox: a domain or an address literal (RFC 5321 §4.1.2).
public sealed interface Host permits Domain, AddressLiteral {

  /// The form used on the wire, brackets included for a literal.
  String wire();
}
