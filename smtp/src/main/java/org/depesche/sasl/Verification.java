package org.depesche.sasl;

/// The answer of [Credentials].
public sealed interface Verification {

  /// They are good.
  ///
  /// @param identity the name in the form the directory writes it
  /// @param credential which of several it was that proved it; empty for the usual one
  record Accepted(String identity, String credential) implements Verification {

    /// By the usual credential.
    public Accepted(String identity) {
      this(identity, "");
    }
  }

  record Rejected(String reason) implements Verification {}

  /// No answer now: the directory cannot be reached, or is too busy.
  record Unavailable(String reason) implements Verification {}
}
