package org.depesche.sasl;

import static org.depesche.sasl.ServerExchange.malformed;

import java.util.Optional;

/// EXTERNAL (RFC 4422 §A.1): the layer below knows the client.
record ExternalServer(Credentials credentials, Optional<String> known) implements ServerExchange {

  @Override
  public SaslStep respond(byte[] response) {
    Optional<String> requested = SaslText.decode(response).flatMap(SaslText::name);
    if (response.length > 0 && requested.isEmpty()) {
      return malformed("no authorization identity by RFC 4422");
    }
    Verification authenticated =
        known
            .<Verification>map(Verification.Accepted::new)
            .orElseGet(() -> new Verification.Rejected("the client has shown no certificate"));
    return ServerExchange.conclude(credentials, authenticated, requested);
  }
}
