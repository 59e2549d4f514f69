package org.depesche.sasl;

/// What a client does next.
public sealed interface ClientStep {

  /// Goes to the server.
  record Response(byte[] data) implements ClientStep {}

  /// Goes no further: the client sends `*` and takes no success from this server.
  record Failed(SaslFailure kind, String reason) implements ClientStep {}
}
