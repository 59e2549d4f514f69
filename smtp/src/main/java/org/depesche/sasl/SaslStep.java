package org.depesche.sasl;

/// What a server does next.
public sealed interface SaslStep {

  /// Goes to the client, and its answer to [SaslServer#respond].
  record Challenge(byte[] data) implements SaslStep {}

  /// Success.
  ///
  /// @param authenticationId whose credentials they were
  /// @param authorizationId whom the client acts as; the same when it asked for nobody else
  record Done(String authenticationId, String authorizationId) implements SaslStep {}

  /// The end without success.
  ///
  /// @param reason for the log; it may say more than a client should know
  record Failed(SaslFailure kind, String reason) implements SaslStep {}
}
