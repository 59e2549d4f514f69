package org.depesche.login.oauth;

/// How a token is looked into.
interface Tokens {

  /// What came of it.
  sealed interface Finding {}

  /// The token is the provider's.
  record Genuine(Claims claims) implements Finding {}

  record Refused(String reason) implements Finding {}

  /// Looks into a token.
  ///
  /// @throws UnavailableException when that cannot be said now
  Finding examine(String token) throws UnavailableException;
}
