package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Both sides against each other.
class ClientAndServerTest {

  private static final Channel CHANNEL = Directory.bound("this connection");
  private static final String TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
  private static final SaslStep USER = new SaslStep.Done("user", "user");

  private static ClientCredentials right(Mechanism mechanism) {
    return switch (mechanism) {
      case EXTERNAL -> new ClientCredentials.Certificate(Optional.empty());
      case OAUTHBEARER, XOAUTH2 ->
          new ClientCredentials.Token("user@example.com", TOKEN, "mx.test", 587);
      default -> new ClientCredentials.Password("user", "pencil");
    };
  }

  private static ClientCredentials wrong(Mechanism mechanism) {
    return switch (mechanism) {
      case EXTERNAL -> new ClientCredentials.Certificate(Optional.of("somebody else"));
      case OAUTHBEARER, XOAUTH2 ->
          new ClientCredentials.Token("user@example.com", "stolen", "mx.test", 587);
      default -> new ClientCredentials.Password("user", "pen");
    };
  }

  private static SaslClient client(
      Mechanism mechanism, ClientCredentials credentials, Channel channel) {
    SaslClient.Choice choice =
        SaslClient.choose(
            List.of(mechanism.wireName()),
            credentials,
            new SaslClient.Terms(channel, Directory.ALL, new SplittableRandom(7)));
    return ((SaslClient.Choice.Chosen) choice).client();
  }

  private static SaslServer server(Mechanism mechanism, Directory directory, Channel channel) {
    return SaslServer.of(mechanism.wireName(), directory.terms(channel, 8)).orElseThrow();
  }

  /// What a client has that cannot bind, for the mechanisms without PLUS.
  private static Channel clientChannel(Mechanism mechanism) {
    return mechanism.bindsChannel() ? CHANNEL : Channel.SECURE;
  }

  private static Exchange.Outcome run(Mechanism mechanism, ClientCredentials credentials) {
    return Exchange.run(
        client(mechanism, credentials, clientChannel(mechanism)),
        server(mechanism, Directory.USERS, CHANNEL));
  }

  @ParameterizedTest
  @EnumSource
  void theRightCredentialsAreAccepted(Mechanism mechanism) {
    Exchange.Outcome outcome = run(mechanism, right(mechanism));

    assertThat(outcome.server()).isInstanceOf(SaslStep.Done.class);
    assertThat(((SaslStep.Done) outcome.server()).authenticationId()).startsWith("user");
    assertThat(outcome.client()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void wrongOnesAreNot(Mechanism mechanism) {
    Exchange.Outcome outcome = run(mechanism, wrong(mechanism));

    assertThat(outcome.server())
        .isInstanceOfSatisfying(
            SaslStep.Failed.class,
            failed ->
                assertThat(failed.kind())
                    .isEqualTo(
                        mechanism == Mechanism.EXTERNAL
                            ? SaslFailure.AUTHORIZATION
                            : SaslFailure.BAD_CREDENTIALS));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EXTERNAL")
  void aDirectoryThatCannotBeAskedIsATemporaryFailure(Mechanism mechanism) {
    Exchange.Outcome outcome =
        Exchange.run(
            client(mechanism, right(mechanism), clientChannel(mechanism)),
            server(mechanism, Directory.unavailable(), CHANNEL));

    assertThat(outcome.server())
        .isEqualTo(new SaslStep.Failed(SaslFailure.TEMPORARY, "no directory"));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SCRAM_.*", "PLAIN"},
      mode = EnumSource.Mode.MATCH_ANY)
  void oneMayActAsAnotherWhenTheDirectorySaysSo(Mechanism mechanism) {
    assertThat(
            run(mechanism, new ClientCredentials.Password("user", "pencil", Optional.of("boss")))
                .server())
        .isEqualTo(new SaslStep.Done("user", "boss"));
    assertThat(
            run(mechanism, new ClientCredentials.Password("user", "pencil", Optional.of("tim")))
                .server())
        .isEqualTo(new SaslStep.Failed(SaslFailure.AUTHORIZATION, "user may not act as tim"));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SCRAM_.*", "PLAIN", "LOGIN"},
      mode = EnumSource.Mode.MATCH_ANY)
  void namesAndPasswordsMayHaveAnyCharacters(Mechanism mechanism) {
    Directory directory =
        new Directory(Map.of("J=\u00fcrgen,der 1.", "pa=ss,\u00e4"), Map.of(), Map.of(), true);

    Exchange.Outcome outcome =
        Exchange.run(
            client(
                mechanism,
                new ClientCredentials.Password("J=\u00fcrgen,der 1.", "pa=ss,\u00e4"),
                clientChannel(mechanism)),
            server(mechanism, directory, CHANNEL));

    assertThat(outcome.server())
        .isEqualTo(new SaslStep.Done("J=\u00fcrgen,der 1.", "J=\u00fcrgen,der 1."));
  }

  // RFC 5802 §5.1
  @Test
  void scramPreparesNamesAndPasswordsOnBothSides() {
    Directory directory = new Directory(Map.of("IX", "\u00bd"), Map.of(), Map.of(), true);

    Exchange.Outcome outcome =
        Exchange.run(
            client(
                Mechanism.SCRAM_SHA_256,
                new ClientCredentials.Password("\u2168", "1\u20442"),
                Channel.OPEN),
            server(Mechanism.SCRAM_SHA_256, directory, Channel.OPEN));

    assertThat(outcome.server()).isEqualTo(new SaslStep.Done("IX", "IX"));
  }

  // RFC 5802 §6: one end of a relayed connection sees other binding data than the other.
  @ParameterizedTest
  @EnumSource(names = "SCRAM_.*_PLUS", mode = EnumSource.Mode.MATCH_ANY)
  void aManInTheMiddleOfTlsIsFound(Mechanism mechanism) {
    Exchange.Outcome outcome =
        Exchange.run(
            client(mechanism, right(mechanism), CHANNEL),
            server(mechanism, Directory.USERS, Directory.bound("another connection")));

    assertThat(outcome.server())
        .isEqualTo(
            new SaslStep.Failed(
                SaslFailure.CHANNEL_BINDING,
                "the client sees another header or another connection"));
  }

  // RFC 5802 §6: the client can bind and sees no PLUS, the server has offered it.
  @ParameterizedTest
  @EnumSource(names = {"SCRAM_SHA_1", "SCRAM_SHA_256"})
  void aListOfMechanismsThatWasChangedOnTheWayIsFound(Mechanism mechanism) {
    SaslClient fooled = client(mechanism, right(mechanism), CHANNEL);
    assertThat(new String(fooled.initialResponse().orElseThrow(), UTF_8)).startsWith("y,,");

    assertThat(Exchange.run(fooled, server(mechanism, Directory.USERS, CHANNEL)).server())
        .isEqualTo(
            new SaslStep.Failed(SaslFailure.CHANNEL_BINDING, "the client did not see our PLUS"));
  }

  // RFC 5802 §6
  @ParameterizedTest
  @EnumSource(names = {"SCRAM_SHA_1", "SCRAM_SHA_256"})
  void aServerWithoutChannelBindingTakesY(Mechanism mechanism) {
    assertThat(
            Exchange.run(
                    client(mechanism, right(mechanism), CHANNEL),
                    server(mechanism, Directory.USERS, Channel.SECURE))
                .server())
        .isEqualTo(USER);
  }

  @Test
  void theOtherTypeOfBindingMayBeChosen() {
    Channel endPointOnly = new Channel(true, CHANNEL.bindings().subList(1, 2), Optional.empty());
    SaslClient client = client(Mechanism.SCRAM_SHA_256_PLUS, right(Mechanism.PLAIN), endPointOnly);

    assertThat(new String(client.initialResponse().orElseThrow(), UTF_8))
        .startsWith("p=tls-server-end-point,,");
    assertThat(
            Exchange.run(client, server(Mechanism.SCRAM_SHA_256_PLUS, Directory.USERS, CHANNEL))
                .server())
        .isEqualTo(USER);
  }

  /// Every mechanism whose outcome depends on each octet: with any of them cut off or any bit of
  /// them flipped nobody is authenticated, and nothing is thrown.
  static Stream<Mechanism> exact() {
    return Arrays.stream(Mechanism.values()).filter(m -> m != Mechanism.EXTERNAL);
  }

  @ParameterizedTest
  @MethodSource("exact")
  void aMessageCutShortNeverAuthenticates(Mechanism mechanism) {
    for (int message = 0; message < 2; message++) {
      int length = nth(mechanism, message).length;
      for (int cut = 0; cut < length; cut++) {
        int keep = cut;
        assertThat(runWith(mechanism, message, m -> Arrays.copyOf(m, keep)).server())
            .as(mechanism + " message " + message + " cut at " + cut)
            .isInstanceOf(SaslStep.Failed.class);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("exact")
  void aFlippedBitNeverAuthenticatesSomebodyElse(Mechanism mechanism) {
    Exchange.Outcome whole = run(mechanism, right(mechanism));
    for (int message = 0; message < 2; message++) {
      int bits = nth(mechanism, message).length * 8;
      for (int bit = 0; bit < bits; bit++) {
        int at = bit;
        SaslStep end = runWith(mechanism, message, m -> flipped(m, at)).server();
        if (end instanceof SaslStep.Done && !mechanism.wireName().startsWith("SCRAM")) {
          // Letters whose case does not matter, and the host's name, which nobody checks here.
          assertThat(end).isEqualTo(whole.server());
        } else {
          assertThat(end).as(mechanism + " bit " + at).isInstanceOf(SaslStep.Failed.class);
        }
      }
    }
  }

  private static byte[] nth(Mechanism mechanism, int message) {
    List<byte[]> sent = new ArrayList<>();
    Exchange.run(
        client(mechanism, right(mechanism), clientChannel(mechanism)),
        server(mechanism, Directory.USERS, CHANNEL),
        m -> {
          sent.add(m.clone());
          return m;
        });
    return message < sent.size() ? sent.get(message) : new byte[0];
  }

  private static Exchange.Outcome runWith(
      Mechanism mechanism, int message, UnaryOperator<byte[]> change) {
    int[] count = {0};
    return Exchange.run(
        client(mechanism, right(mechanism), clientChannel(mechanism)),
        server(mechanism, Directory.USERS, CHANNEL),
        m -> count[0]++ == message ? change.apply(m) : m);
  }

  private static byte[] flipped(byte[] message, int bit) {
    byte[] changed = message.clone();
    changed[bit / 8] ^= (byte) (1 << bit % 8);
    return changed;
  }

  @Test
  void theStrongestMechanismThatBothKnowIsChosen() {
    List<String> all = new ArrayList<>(List.of("CRAM-MD5", "login", "GSSAPI"));
    Stream.of(Mechanism.values()).map(Mechanism::wireName).forEach(all::add);

    assertThat(chosen(all, CHANNEL, Directory.ALL)).isEqualTo("SCRAM-SHA-256-PLUS p");
    assertThat(chosen(all, Channel.SECURE, Directory.ALL)).isEqualTo("SCRAM-SHA-256 n");
    assertThat(chosen(List.of("PLAIN", "SCRAM-SHA-1", "LOGIN"), Channel.OPEN, Directory.ALL))
        .isEqualTo("SCRAM-SHA-1 n");
    assertThat(chosen(List.of("PLAIN", "SCRAM-SHA-1"), CHANNEL, Directory.ALL))
        .isEqualTo("SCRAM-SHA-1 y");
    assertThat(chosen(all, CHANNEL, Set.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN)))
        .isEqualTo("SCRAM-SHA-256 n");
    assertThat(chosen(List.of("login", "plain"), Channel.SECURE, Directory.ALL))
        .startsWith("PLAIN");
    assertThat(chosen(List.of("PLAIN", "LOGIN"), Channel.OPEN, Directory.ALL))
        .isEqualTo("the channel is not secure enough for the mechanisms offered");
    assertThat(chosen(List.of("CRAM-MD5"), CHANNEL, Directory.ALL))
        .isEqualTo("no mechanism in common for a password of user");
    assertThat(chosen(all, CHANNEL, Set.of()))
        .isEqualTo("no mechanism in common for a password of user");
  }

  private static String chosen(List<String> offered, Channel channel, Set<Mechanism> allowed) {
    return switch (SaslClient.choose(
        offered,
        new ClientCredentials.Password("user", "pencil"),
        new SaslClient.Terms(channel, allowed, new SplittableRandom(1)))) {
      case SaslClient.Choice.None(String reason) -> reason;
      case SaslClient.Choice.Chosen(SaslClient client) ->
          client.mechanism().wireName()
              + " "
              + client.initialResponse().map(m -> new String(m, UTF_8).charAt(0)).orElse('-');
    };
  }

  @Test
  void noCredentialsAreShownInTexts() {
    assertThat(new ClientCredentials.Password("user", "pencil").toString())
        .doesNotContain("pencil");
    assertThat(right(Mechanism.XOAUTH2).toString()).doesNotContain(TOKEN);
  }
}
