package org.depesche.sasl;

import java.util.Optional;

/// The client side of one mechanism in one exchange.
interface ClientExchange {

  Optional<byte[]> initial();

  ClientStep respond(byte[] challenge);

  /// Is success from the server to be believed?
  default Optional<ClientStep.Failed> accepted() {
    return Optional.empty();
  }

  static ClientStep malformed(String reason) {
    return new ClientStep.Failed(SaslFailure.MALFORMED, reason);
  }

  /// One message, and no challenge is expected after it.
  record Single(byte[] message) implements ClientExchange {

    @Override
    public Optional<byte[]> initial() {
      return Optional.of(message);
    }

    @Override
    public ClientStep respond(byte[] challenge) {
      return malformed("the server asks for more than the mechanism has");
    }
  }
}
