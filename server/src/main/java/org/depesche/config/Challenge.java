package org.depesche.config;

/// How an authority is shown that a name is ours.
public enum Challenge {
  /// By a page at port 80 (RFC 8555 §8.3).
  HTTP_01,
  /// By a certificate at port 443 (RFC 8737).
  TLS_ALPN_01
}
