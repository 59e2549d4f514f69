package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One authentication exchange, the client's side. The caller sends [#initialResponse] with the
/// mechanism's name, or as the answer to an empty first challenge when the line would be too long;
/// answers each challenge by [#respond]; and asks [#accepted] before it believes a success.
public final class SaslClient {

  /// How a choice ends.
  public sealed interface Choice {

    record Chosen(SaslClient client) implements Choice {}

    /// Nothing to go on with.
    ///
    /// @param reason why none of what the server offers will do
    record None(String reason) implements Choice {}
  }

  /// What the client may do on a connection.
  ///
  /// @param channel secure when passwords may go over it
  /// @param allowed what may be used at all
  /// @param random a secure one
  public record Terms(Channel channel, Set<Mechanism> allowed, RandomGenerator random) {

    public Terms {
      allowed = Set.copyOf(allowed);
    }
  }

  private final Mechanism mechanism;
  private final ClientExchange exchange;

  private SaslClient(Mechanism mechanism, ClientExchange exchange) {
    this.mechanism = mechanism;
    this.exchange = exchange;
  }

  /// The strongest of the offered mechanisms that the credentials and the channel allow. PLAIN,
  /// LOGIN and tokens need a secure channel (RFC 4954 §4).
  ///
  /// @param offered the keywords of the server, unknown ones among them
  public static Choice choose(
      Collection<String> offered, ClientCredentials credentials, Terms terms) {
    Set<Mechanism> known = EnumSet.noneOf(Mechanism.class);
    offered.forEach(name -> Mechanism.named(name).ifPresent(known::add));
    boolean insecure = false;
    for (Mechanism mechanism : known) {
      if (!terms.allowed().contains(mechanism)) {
        continue;
      }
      Optional<ClientExchange> exchange = exchange(mechanism, credentials, known, terms);
      if (exchange.isPresent() && mechanism.worksOn(terms.channel())) {
        return new Choice.Chosen(new SaslClient(mechanism, exchange.get()));
      }
      insecure |= exchange.isPresent();
    }
    return new Choice.None(
        insecure
            ? "the channel is not secure enough for the mechanisms offered"
            : "no mechanism in common for a " + credentials);
  }

  private static Optional<ClientExchange> exchange(
      Mechanism mechanism, ClientCredentials credentials, Set<Mechanism> offered, Terms terms) {
    return switch (credentials) {
      case ClientCredentials.Password password ->
          switch (mechanism) {
            case SCRAM_SHA_256_PLUS, SCRAM_SHA_256 ->
                scram(
                    ScramHash.SHA_256,
                    flag(mechanism, Mechanism.SCRAM_SHA_256_PLUS, offered, terms),
                    password,
                    terms);
            case SCRAM_SHA_1_PLUS, SCRAM_SHA_1 ->
                scram(
                    ScramHash.SHA_1,
                    flag(mechanism, Mechanism.SCRAM_SHA_1_PLUS, offered, terms),
                    password,
                    terms);
            case PLAIN -> plain(password);
            case LOGIN -> sendable(password).map(LoginClient::new);
            case EXTERNAL, OAUTHBEARER, XOAUTH2 -> Optional.empty();
          };
      case ClientCredentials.Token token ->
          switch (mechanism) {
            case OAUTHBEARER -> Optional.of(new BearerClient(false, token));
            case XOAUTH2 -> Optional.of(new BearerClient(true, token));
            default -> Optional.empty();
          };
      case ClientCredentials.Certificate(Optional<String> authorizationId) ->
          mechanism == Mechanism.EXTERNAL
              ? Optional.of(new ClientExchange.Single(authorizationId.orElse("").getBytes(UTF_8)))
              : Optional.empty();
    };
  }

  /// RFC 5802 §6: `y` says that we could bind and the server seems not to.
  private static char flag(
      Mechanism mechanism, Mechanism plus, Set<Mechanism> offered, Terms terms) {
    if (mechanism.bindsChannel()) {
      return 'p';
    }
    return terms.channel().bindings().isEmpty() || offered.contains(plus) ? 'n' : 'y';
  }

  private static Optional<ClientExchange> scram(
      ScramHash hash, char flag, ClientCredentials.Password password, Terms terms) {
    Optional<ChannelBinding> binding =
        flag == 'p' ? terms.channel().bindings().stream().findFirst() : Optional.empty();
    // RFC 5802 §5.1
    Optional<String> name = SaslText.name(password.name());
    Optional<String> secret = SaslPrep.stored(password.password()).filter(p -> !p.isEmpty());
    if (name.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ScramClient(
            hash,
            name.get(),
            secret.get(),
            Gs2Header.of(flag, binding.map(ChannelBinding::type), password.authorizationId()),
            binding.map(ChannelBinding::data).orElse(new byte[0]),
            ScramServer.nonce(terms.random())));
  }

  private static Optional<ClientExchange> plain(ClientCredentials.Password password) {
    return sendable(password)
        .map(
            p ->
                String.join("\0", p.authorizationId().orElse(""), p.name(), p.password())
                    .getBytes(UTF_8))
        .map(ClientExchange.Single::new);
  }

  /// RFC 4616 §2: neither is empty nor has a NUL.
  private static Optional<ClientCredentials.Password> sendable(
      ClientCredentials.Password password) {
    String all = password.name() + password.password() + password.authorizationId().orElse("");
    return password.name().isEmpty() || password.password().isEmpty() || all.indexOf('\0') >= 0
        ? Optional.empty()
        : Optional.of(password);
  }

  public Mechanism mechanism() {
    return mechanism;
  }

  /// What goes with the mechanism's name; none for a mechanism in which the server speaks first.
  public Optional<byte[]> initialResponse() {
    return exchange.initial();
  }

  /// The answer to a challenge.
  public ClientStep respond(byte[] challenge) {
    return exchange.respond(challenge);
  }

  /// To be asked when the server says that the exchange succeeded: a reason not to believe it.
  public Optional<ClientStep.Failed> accepted() {
    return exchange.accepted();
  }

  /// What a server that took no token has said about it, for the log.
  public Optional<String> serverError() {
    return exchange instanceof BearerClient bearer ? bearer.error() : Optional.empty();
  }
}
