package org.depesche.sasl;

/// The answer of [Credentials].
public sealed interface Verification {

  /// They are good.
  ///
  /// @param identity the name in the form the directory writes it
  record Accepted(String identity) implements Verification {}

  record Rejected(String reason) implements Verification {}

  /// No answer now: the directory cannot be reached, or is too busy.
  record Unavailable(String reason) implements Verification {}
}
