package org.depesche.sasl;

/// The answer to a look-up of a SCRAM verifier.
public sealed interface ScramKeys {

  /// A verifier is kept for this name.
  ///
  /// @param identity the name in the form the directory writes it
  record Known(String identity, ScramVerifier verifier) implements ScramKeys {}

  /// No such name, or none of its verifiers is for this hash.
  record Unknown() implements ScramKeys {}

  record Unavailable(String reason) implements ScramKeys {}
}
