package org.depesche.sasl;

import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One authentication exchange, the server's side. The caller decodes base64, sends challenges and
/// brings back the answers, until a step is [SaslStep.Done] or [SaslStep.Failed].
public final class SaslServer {

  /// RFC 4954 §4: the longest line is 12,288 octets; what it decodes to is shorter.
  public static final int MAX_RESPONSE = 12_288;

  /// What all exchanges on a connection share.
  ///
  /// @param offered what this client has been offered; nothing else can be begun
  /// @param random a secure one
  public record Terms(
      Credentials credentials,
      Channel channel,
      Set<Mechanism> offered,
      Decoys decoys,
      OAuthService oauth,
      RandomGenerator random) {

    public Terms {
      offered = Set.copyOf(offered);
    }
  }

  private final ServerExchange exchange;
  private boolean begun;
  private boolean ended;

  private SaslServer(ServerExchange exchange) {
    this.exchange = exchange;
  }

  /// An exchange by the mechanism the client named; none when it was not offered.
  public static Optional<SaslServer> of(String mechanism, Terms terms) {
    return Mechanism.named(mechanism)
        .filter(terms.offered()::contains)
        .map(m -> new SaslServer(exchange(m, terms)));
  }

  private static ServerExchange exchange(Mechanism mechanism, Terms terms) {
    return switch (mechanism) {
      case SCRAM_SHA_256_PLUS -> new ScramServer(ScramHash.SHA_256, true, terms);
      case SCRAM_SHA_1_PLUS -> new ScramServer(ScramHash.SHA_1, true, terms);
      case SCRAM_SHA_256 -> new ScramServer(ScramHash.SHA_256, false, terms);
      case SCRAM_SHA_1 -> new ScramServer(ScramHash.SHA_1, false, terms);
      case EXTERNAL -> new ExternalServer(terms.credentials(), terms.channel().identity());
      case OAUTHBEARER -> new BearerServer(false, terms);
      case XOAUTH2 -> new BearerServer(true, terms);
      case PLAIN -> new PasswordServer.Plain(terms.credentials());
      case LOGIN -> new PasswordServer.Login(terms.credentials());
    };
  }

  /// The first step.
  ///
  /// @param initial what came with the mechanism's name; empty octets are a response too
  public SaslStep begin(Optional<byte[]> initial) {
    if (begun) {
      throw new IllegalStateException("an exchange begins once");
    }
    begun = true;
    return initial.map(this::respond).orElseGet(exchange::ask);
  }

  /// The step after a response. A response that carries a password is overwritten.
  public SaslStep respond(byte[] response) {
    if (!begun || ended) {
      throw new IllegalStateException("no response is expected");
    }
    SaslStep step =
        response.length > MAX_RESPONSE
            ? ServerExchange.malformed("a response of " + response.length + " octets")
            : exchange.respond(response);
    ended = !(step instanceof SaslStep.Challenge);
    return step;
  }

  /// The client sent `*` instead of a response.
  public SaslStep abort() {
    ended = true;
    return new SaslStep.Failed(SaslFailure.ABORTED, "given up by the client");
  }
}
