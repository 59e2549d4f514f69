package org.depesche.sasl;

import java.util.Optional;
import java.util.function.UnaryOperator;

/// Lets a client and a server talk until the server has decided.
final class Exchange {

  /// How both ends saw it.
  record Outcome(SaslStep server, Optional<ClientStep.Failed> client) {}

  private Exchange() {}

  static Outcome run(SaslClient client, SaslServer server) {
    return run(client, server, UnaryOperator.identity());
  }

  /// @param wire what becomes of a message from the client
  static Outcome run(SaslClient client, SaslServer server, UnaryOperator<byte[]> wire) {
    SaslStep step = server.begin(client.initialResponse().map(wire));
    while (step instanceof SaslStep.Challenge(byte[] challenge)) {
      switch (client.respond(challenge)) {
        case ClientStep.Failed failed -> {
          return new Outcome(server.abort(), Optional.of(failed));
        }
        case ClientStep.Response(byte[] data) -> step = server.respond(wire.apply(data));
      }
    }
    return new Outcome(step, client.accepted());
  }
}
