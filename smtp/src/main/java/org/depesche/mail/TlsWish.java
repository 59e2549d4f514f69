package org.depesche.mail;

/// What a sender asks of TLS on the rest of the way (RFC 8689).
public enum TlsWish {
  /// Nothing.
  UNSET,
  /// REQUIRETLS: rather not at all than without, or to a server that is not who it should be.
  REQUIRED,
  /// `TLS-Required: No`: rather without than not at all, whatever the recipient's domain asks for.
  NOT_REQUIRED
}
