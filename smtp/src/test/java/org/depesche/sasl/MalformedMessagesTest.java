package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a peer must not send, and what becomes of it.
class MalformedMessagesTest {

  private static final Channel CHANNEL = Directory.bound("this connection");
  private static final Directory NOBODY = new Directory(Map.of(), Map.of(), Map.of(), true);

  /// `~` stands for NUL and `|` for ^A in these tables, other characters for the octet they are in
  /// ISO 8859-1.
  private static byte[] octets(String text) {
    return text.replace('~', '\0').replace('|', '\1').getBytes(ISO_8859_1);
  }

  private static SaslServer server(String mechanism) {
    return SaslServer.of(mechanism, Directory.USERS.terms(CHANNEL, 1)).orElseThrow();
  }

  private static SaslFailure failure(SaslStep step) {
    assertThat(step).isInstanceOf(SaslStep.Failed.class);
    return ((SaslStep.Failed) step).kind();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        // RFC 4616 §2
        "PLAIN ''",
        "PLAIN user",
        "PLAIN ~user",
        "PLAIN ~~",
        "PLAIN ~~pencil",
        "PLAIN ~user~",
        "PLAIN ~user~pencil~",
        "PLAIN ~us\u00e9r~pencil",
        "PLAIN ~user~p\u00e9ncil",
        "PLAIN \u00ff~user~pencil",
        "PLAIN ~\u00c0\u00af~pencil",
        "PLAIN ~\u00ed\u00a0\u0080~pencil",
        // RFC 5802 §7
        "SCRAM-SHA-256 ''",
        "SCRAM-SHA-256 n,,",
        "SCRAM-SHA-256 n,n=user,r=abc",
        "SCRAM-SHA-256 x,,n=user,r=abc",
        "SCRAM-SHA-256 N,,n=user,r=abc",
        "SCRAM-SHA-256 F,n,,n=user,r=abc",
        "SCRAM-SHA-256 p,,n=user,r=abc",
        "SCRAM-SHA-256 p=,,n=user,r=abc",
        "SCRAM-SHA-256 n,b=boss,n=user,r=abc",
        "SCRAM-SHA-256 n,a=,n=user,r=abc",
        "SCRAM-SHA-256 n,a=bo=ss,n=user,r=abc",
        "SCRAM-SHA-256 n,,n=,r=abc",
        "SCRAM-SHA-256 n,,n=user",
        "SCRAM-SHA-256 n,,n=user,r=",
        "SCRAM-SHA-256 n,,r=abc,n=user",
        "SCRAM-SHA-256 n,,n=us=er,r=abc",
        "SCRAM-SHA-256 n,,n=us=2cer,r=abc",
        "SCRAM-SHA-256 n,,n=us~er,r=abc",
        "SCRAM-SHA-256 n,,n=us\u00e9r,r=abc",
        "SCRAM-SHA-256 n,,n=user,r=a\u00c3\u00a9c",
        "SCRAM-SHA-256 n,,m=must,n=user,r=abc",
        "SCRAM-SHA-256 n,,n=user,r=abc,m=must",
        "SCRAM-SHA-256 n,,n=user,r=abc,",
        "SCRAM-SHA-256 n,,n=user,r=abc,x",
        "SCRAM-SHA-256 n,,n=user,r=abc,x=",
        "SCRAM-SHA-256 n,,n=user,r=abc,1=x",
        // RFC 7628 §3.1
        "OAUTHBEARER ''",
        "OAUTHBEARER |",
        "OAUTHBEARER n,,",
        "OAUTHBEARER n,,|",
        "OAUTHBEARER n,,||",
        "OAUTHBEARER n,,|auth=Bearer",
        "OAUTHBEARER n,,|auth=Bearer|",
        "OAUTHBEARER n,,|host=mx.test||",
        "OAUTHBEARER n,,|auth=a|auth=b||",
        "OAUTHBEARER n,,|auth||",
        "OAUTHBEARER n,,|=x|auth=b||",
        "OAUTHBEARER n,,|a1=x|auth=b||",
        "OAUTHBEARER n,,|auth=b\u00c3\u00a9||",
        "OAUTHBEARER p=tls-exporter,,|auth=b||",
        "XOAUTH2 ''",
        "XOAUTH2 user=user||",
        "XOAUTH2 auth=Bearer||",
        "XOAUTH2 user=|auth=b||",
        "XOAUTH2 user=user|auth=b|",
        // RFC 4422 §A.1
        "EXTERNAL us~er",
        "EXTERNAL us\u00e9r"
      })
  void aFirstMessageThatIsNone(String mechanism, String message) {
    assertThat(failure(server(mechanism).begin(Optional.of(octets(message)))))
        .isEqualTo(SaslFailure.MALFORMED);
  }

  // RFC 5802 §6
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "SCRAM-SHA-256-PLUS n,,n=user,r=abc",
        "SCRAM-SHA-256-PLUS y,,n=user,r=abc",
        "SCRAM-SHA-256-PLUS p=tls-unique,,n=user,r=abc",
        "SCRAM-SHA-256 p=tls-exporter,,n=user,r=abc",
        "SCRAM-SHA-256 y,,n=user,r=abc"
      })
  void aHeaderThatDoesNotFitTheMechanism(String mechanism, String message) {
    assertThat(failure(server(mechanism).begin(Optional.of(octets(message)))))
        .isEqualTo(SaslFailure.CHANNEL_BINDING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "MALFORMED ''",
        "MALFORMED c=biws",
        "MALFORMED c=biws,r=NONCE",
        "MALFORMED c=biws,p=AAAA",
        "MALFORMED r=NONCE,c=biws,p=AAAA",
        "MALFORMED c=biws,r=NONCE,p=A",
        "MALFORMED c=biws,r=NONCE,p=AAB=",
        "MALFORMED c=biws,r=NONCE,p=AAAA,x=y",
        "MALFORMED c=biws,r=NONCE,m=x,p=AAAA",
        "MALFORMED c=biws,r=NONCE,p=AAAA,p=AAAA,",
        "MALFORMED c=biws,r=other,p=AAAA",
        "MALFORMED c=biws,r=NONCEx,p=AAAA",
        "CHANNEL_BINDING c=,r=NONCE,p=AAAA",
        "CHANNEL_BINDING c=biw,r=NONCE,p=AAAA",
        "CHANNEL_BINDING c=eSws,r=NONCE,p=AAAA",
        "BAD_CREDENTIALS c=biws,r=NONCE,p=",
        "BAD_CREDENTIALS c=biws,r=NONCE,p=AAAA",
        "BAD_CREDENTIALS c=biws,r=NONCE,x=y,p=AAAA"
      })
  void aSecondScramMessageThatProvesNothing(SaslFailure kind, String message) {
    SaslServer server = server("SCRAM-SHA-256");
    SaslStep first = server.begin(Optional.of(octets("n,,n=user,r=abc")));
    String challenge = new String(((SaslStep.Challenge) first).data(), UTF_8);
    String nonce = challenge.substring(2, challenge.indexOf(','));

    assertThat(failure(server.respond(octets(message.replace("NONCE", nonce))))).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "e=other-error",
        "r=OURS,s=QSXCR+Q6sek8bf92,i=4096",
        "r=other,s=QSXCR+Q6sek8bf92,i=4096",
        "r=OURSx,i=4096,s=QSXCR+Q6sek8bf92",
        "r=OURSx,s=,i=4096",
        "r=OURSx,s=QSX,i=4096",
        "r=OURSx,s=QSXCR+Q6sek8bf92",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=0",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=-4096",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=04096",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=4095",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=2000001",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=99999999999",
        "r=OURSx,s=QSXCR+Q6sek8bf92,i=4096,m=must",
        "m=must,r=OURSx,s=QSXCR+Q6sek8bf92,i=4096"
      })
  void aServersFirstScramMessageThatIsNone(String message) {
    SaslClient client = client("SCRAM-SHA-256", new ClientCredentials.Password("user", "pencil"));
    String first = new String(client.initialResponse().orElseThrow(), UTF_8);
    String ours = first.substring(first.indexOf("r=") + 2);

    ClientStep step = client.respond(octets(message.replace("OURS", ours)));

    assertThat(step)
        .isInstanceOfSatisfying(
            ClientStep.Failed.class,
            failed -> assertThat(failed.kind()).isEqualTo(SaslFailure.MALFORMED));
    assertThat(client.accepted()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "MALFORMED ''",
        "MALFORMED v",
        "MALFORMED v=A",
        "MALFORMED e=",
        "MALFORMED v=AAAA,m=must",
        "SERVER_NOT_PROVEN v=",
        "SERVER_NOT_PROVEN v=AAAA",
        "BAD_CREDENTIALS e=invalid-proof"
      })
  void aServerThatDoesNotProveItself(SaslFailure kind, String message) {
    SaslClient client = client("SCRAM-SHA-256", new ClientCredentials.Password("user", "pencil"));
    SaslServer server = server("SCRAM-SHA-256");
    SaslStep first = server.begin(client.initialResponse());
    client.respond(((SaslStep.Challenge) first).data());

    ClientStep step = client.respond(octets(message));

    assertThat(step)
        .isInstanceOfSatisfying(
            ClientStep.Failed.class, failed -> assertThat(failed.kind()).isEqualTo(kind));
    assertThat(client.accepted())
        .map(ClientStep.Failed::kind)
        .contains(SaslFailure.SERVER_NOT_PROVEN);
  }

  private static SaslClient client(String mechanism, ClientCredentials credentials) {
    SaslClient.Choice choice =
        SaslClient.choose(
            List.of(mechanism),
            credentials,
            new SaslClient.Terms(Channel.SECURE, Directory.ALL, new SplittableRandom(3)));
    return ((SaslClient.Choice.Chosen) choice).client();
  }

  @Test
  void aThirdPromptAndAnEarlySuccessAreNotForLogin() {
    SaslClient client = client("LOGIN", new ClientCredentials.Password("user", "pencil"));

    assertThat(client.accepted()).isPresent();
    client.respond(octets("User Name"));
    assertThat(client.accepted()).isPresent();
    client.respond(octets("Password"));
    assertThat(client.accepted()).isEmpty();
    assertThat(client.respond(octets("Again"))).isInstanceOf(ClientStep.Failed.class);
  }

  @Test
  void whatAServerSaysAgainstATokenIsFitForALog() {
    SaslClient client =
        client("XOAUTH2", new ClientCredentials.Token("user", "stolen", "mx.test", 587));

    ClientStep step = client.respond(octets("{\"status\":\"401\"}\r\n" + "x".repeat(10_000)));

    assertThat(((ClientStep.Response) step).data()).isEmpty();
    assertThat(client.serverError().orElseThrow())
        .startsWith("{\"status\":\"401\"}??xxx")
        .hasSize(500);
    assertThat(client.accepted()).isPresent();
  }

  @ParameterizedTest
  @EnumSource
  void aResponseIsBounded(Mechanism mechanism) {
    byte[] flood = new byte[SaslServer.MAX_RESPONSE + 1];
    Arrays.fill(flood, (byte) 'a');

    assertThat(failure(server(mechanism.wireName()).begin(Optional.of(flood))))
        .isEqualTo(SaslFailure.MALFORMED);
  }

  @Test
  void namesPasswordsAndNoncesAreBounded() {
    String name = "n".repeat(1024);
    assertThat(failure(server("PLAIN").begin(Optional.of(octets("~" + name + "~x")))))
        .isEqualTo(SaslFailure.BAD_CREDENTIALS);
    assertThat(failure(server("PLAIN").begin(Optional.of(octets("~n" + name + "~x")))))
        .isEqualTo(SaslFailure.MALFORMED);
    assertThat(failure(server("PLAIN").begin(Optional.of(octets("~user~x" + name)))))
        .isEqualTo(SaslFailure.MALFORMED);
    assertThat(failure(server("SCRAM-SHA-1").begin(Optional.of(octets("n,,n=u,r=" + name)))))
        .isEqualTo(SaslFailure.MALFORMED);
    assertThat(
            failure(
                server("SCRAM-SHA-1")
                    .begin(Optional.of(octets("n,,n=u" + ",x=y".repeat(3000) + ",")))))
        .isEqualTo(SaslFailure.MALFORMED);
  }

  @Test
  void anAbortEndsTheExchange() {
    SaslServer server = server("LOGIN");
    server.begin(Optional.empty());

    assertThat(failure(server.abort())).isEqualTo(SaslFailure.ABORTED);
    assertThatThrownBy(() -> server.respond(new byte[0])).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aMechanismThatWasNotOfferedCannotBeBegun() {
    SaslServer.Terms open = Directory.USERS.terms(Channel.OPEN, 1);

    assertThat(open.offered())
        .containsExactlyInAnyOrder(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_1);
    assertThat(SaslServer.of("PLAIN", open)).isEmpty();
    assertThat(SaslServer.of("CRAM-MD5", open)).isEmpty();
    assertThat(SaslServer.of("scram-sha-1", open)).isPresent();
  }

  @Test
  void aPasswordIsOverwrittenAfterUse() {
    byte[] plain = octets("~user~pencil");
    server("PLAIN").begin(Optional.of(plain));
    assertThat(plain).containsOnly(0);

    SaslServer login = server("LOGIN");
    login.begin(Optional.of(octets("user")));
    byte[] password = octets("pencil");
    assertThat(login.respond(password)).isEqualTo(new SaslStep.Done("user", "user"));
    assertThat(password).containsOnly(0);
  }

  /// The octets are a mechanism, the message in which they go, and that message.
  @FuzzTest(maxDuration = "1m")
  void anyOctetsAreTakenWithoutHarm(byte[] octets) {
    if (octets.length < 2) {
      return;
    }
    Mechanism[] all = Mechanism.values();
    Mechanism mechanism = all[Math.floorMod(octets[0], all.length)];
    byte[] message = Arrays.copyOfRange(octets, 2, octets.length);
    // Nobody has an account here: whatever comes, nobody gets in.
    SaslServer server = SaslServer.of(mechanism.wireName(), NOBODY.terms(CHANNEL, 1)).orElseThrow();
    SaslStep step = server.begin(octets[1] % 2 == 0 ? Optional.empty() : Optional.of(message));
    for (int i = 0; i < 4 && step instanceof SaslStep.Challenge; i++) {
      step = server.respond(message.clone());
    }
    if (mechanism != Mechanism.EXTERNAL) {
      assertThat(step).isInstanceOf(SaslStep.Failed.class);
    }
    SaslClient client = client("SCRAM-SHA-1", new ClientCredentials.Password("user", "pencil"));
    // A message may well ask for a proof, but none can be the server's own.
    client.respond(message);
    assertThat(client.accepted()).isPresent();
  }
}
