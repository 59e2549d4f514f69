package org.depesche.routing;

/// How much TLS to another server has to be.
public enum TlsUse {
  /// None, even when it is offered.
  NEVER,
  /// When it is offered, whatever the certificate; when it fails, without (RFC 7435).
  OPPORTUNISTIC,
  /// Never without, whatever the certificate.
  REQUIRED,
  /// Never without, and only with a certificate of a known authority for the server's name.
  VERIFIED
}
