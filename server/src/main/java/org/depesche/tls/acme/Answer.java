package org.depesche.tls.acme;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/// What an authority finds where it looks.
sealed interface Answer {

  /// A page (RFC 8555 §8.3).
  ///
  /// @param token its name
  /// @param text what it says
  record Page(String token, String text) implements Answer {}

  /// A certificate (RFC 8737 §3).
  ///
  /// @param name the name that is asked for by SNI, in lower case
  record Certificate(String name, X509Certificate certificate, PrivateKey key) implements Answer {}
}
