package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// The examples of the RFCs, octet for octet, on both sides.
class RfcExamplesTest {

  private static final byte[] NOTHING = {};

  /// The nonces of the RFCs are not those of our generator, so the client is made with them.
  private static ScramClient client(ScramHash hash, String nonce) {
    return new ScramClient(
        hash,
        "user",
        "pencil",
        Gs2Header.of('n', Optional.empty(), Optional.empty()),
        NOTHING,
        nonce);
  }

  private static String text(SaslStep step) {
    return new String(((SaslStep.Challenge) step).data(), UTF_8);
  }

  private static String text(ClientStep step) {
    return new String(((ClientStep.Response) step).data(), UTF_8);
  }

  private static byte[] octets(String text) {
    return text.getBytes(UTF_8);
  }

  private static SaslServer server(String mechanism) {
    return SaslServer.of(mechanism, Directory.USERS.terms(Channel.SECURE, 1)).orElseThrow();
  }

  // RFC 5802 §5
  @Test
  void scramSha1() {
    ScramClient client = client(ScramHash.SHA_1, "fyko+d2lbbFgONRv9qkxdawL");

    assertThat(new String(client.initial().orElseThrow(), UTF_8))
        .isEqualTo("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    assertThat(
            text(
                client.respond(
                    octets(
                        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"))))
        .isEqualTo(
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    assertThat(client.accepted()).isPresent();
    assertThat(text(client.respond(octets("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")))).isEmpty();
    assertThat(client.accepted()).isEmpty();
  }

  // RFC 7677 §3
  @Test
  void scramSha256() {
    ScramClient client = client(ScramHash.SHA_256, "rOprNGfwEbeRWgbNEkqO");

    assertThat(
            text(
                client.respond(
                    octets(
                        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                            + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))))
        .isEqualTo(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    assertThat(text(client.respond(octets("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))))
        .isEmpty();
    assertThat(client.accepted()).isEmpty();
  }

  /// The same examples seen from the server: it has the salt of the RFC and its part of the nonce.
  private static void serverSpeaks(
      ScramHash hash, String clientNonce, String serverNonce, String salt, String... messages) {
    byte[] salted = Base64.getDecoder().decode(salt);
    Credentials credentials =
        new Credentials() {
          @Override
          public Verification password(String name, byte[] password) {
            return new Verification.Rejected("not asked");
          }

          @Override
          public ScramKeys scram(ScramHash asked, String name) {
            return new ScramKeys.Known(
                name, ScramVerifier.of(asked, "pencil", salted, 4096).orElseThrow());
          }

          @Override
          public Verification token(String token) {
            return new Verification.Rejected("not asked");
          }
        };
    SaslServer.Terms terms =
        new SaslServer.Terms(
            credentials,
            Channel.OPEN,
            Set.of(Mechanism.SCRAM_SHA_1, Mechanism.SCRAM_SHA_256),
            new Decoys(Directory.SECRET, 4096),
            OAuthService.UNDESCRIBED,
            RandomGenerator.getDefault());
    ScramServer server = new ScramServer(hash, false, terms, () -> serverNonce);

    assertThat(text(server.respond(octets("n,,n=user,r=" + clientNonce)))).isEqualTo(messages[0]);
    assertThat(text(server.respond(octets(messages[1])))).isEqualTo(messages[2]);
    assertThat(server.respond(NOTHING)).isEqualTo(new SaslStep.Done("user", "user"));
  }

  // RFC 5802 §5
  @Test
  void scramSha1Server() {
    serverSpeaks(
        ScramHash.SHA_1,
        "fyko+d2lbbFgONRv9qkxdawL",
        "3rfcNHYJY1ZVvWVs7j",
        "QSXCR+Q6sek8bf92",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
  }

  // RFC 7677 §3
  @Test
  void scramSha256Server() {
    serverSpeaks(
        ScramHash.SHA_256,
        "rOprNGfwEbeRWgbNEkqO",
        "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "W22ZaJ0SNY7soEsUEjb6gQ==",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  }

  // RFC 4616 §4
  @Test
  void plainWithoutInitialResponse() {
    SaslServer server = server("PLAIN");

    assertThat(text(server.begin(Optional.empty()))).isEmpty();
    assertThat(server.respond(octets("\0tim\0tanstaaftanstaaf")))
        .isEqualTo(new SaslStep.Done("tim", "tim"));
  }

  // RFC 4616 §4
  @Test
  void plainForSomebodyElse() {
    SaslStep step = server("PLAIN").begin(Optional.of(octets("Ursel\0Kurt\0xipj3plmq")));

    assertThat(step)
        .isEqualTo(new SaslStep.Failed(SaslFailure.AUTHORIZATION, "Kurt may not act as Ursel"));
  }

  private static final String BEARER =
      "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVy"
          + "IHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB";

  // RFC 7628 §4.1
  @Test
  void bearerToken() {
    assertThat(server("OAUTHBEARER").begin(Optional.of(Base64.getDecoder().decode(BEARER))))
        .isEqualTo(new SaslStep.Done("user@example.com", "user@example.com"));
  }

  // RFC 7628 §4.1
  @Test
  void bearerTokenFromTheClient() {
    SaslClient.Choice choice =
        SaslClient.choose(
            List.of("LOGIN", "PLAIN", "OAUTHBEARER"),
            new ClientCredentials.Token(
                "user@example.com",
                "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                "server.example.com",
                587),
            new SaslClient.Terms(Channel.SECURE, Directory.ALL, RandomGenerator.getDefault()));

    SaslClient client = ((SaslClient.Choice.Chosen) choice).client();
    assertThat(client.initialResponse().map(Base64.getEncoder()::encodeToString)).contains(BEARER);
  }

  // RFC 7628 §4.3
  @Test
  void bearerTokenMissing() {
    OAuthService service =
        new OAuthService(
            Optional.of("example_scope"),
            Optional.of("https://example.com/.well-known/openid-configuration"),
            Set.of());
    SaslServer.Terms all = Directory.USERS.terms(Channel.SECURE, 1);
    SaslServer.Terms terms =
        new SaslServer.Terms(
            all.credentials(), all.channel(), all.offered(), all.decoys(), service, all.random());
    SaslServer server = SaslServer.of("OAUTHBEARER", terms).orElseThrow();
    String request =
        "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=";

    SaslStep step = server.begin(Optional.of(Base64.getDecoder().decode(request)));

    assertThat(Base64.getEncoder().encodeToString(((SaslStep.Challenge) step).data()))
        .isEqualTo(
            "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIiwib3BlbmlkLWNvbmZp"
                + "Z3VyYXRpb24iOiJodHRwczovL2V4YW1wbGUuY29tLy53ZWxsLWtub3duL29wZW5pZC1jb25maWd1cmF0"
                + "aW9uIn0=");
    assertThat(server.respond(new byte[] {1}))
        .isEqualTo(new SaslStep.Failed(SaslFailure.BAD_CREDENTIALS, "no bearer token"));
  }

  // RFC 7628 §4.4 has `user=` where the grammar says `a=`: that is no GS2 header.
  @Test
  void bearerTokenWithABadHeader() {
    String request =
        "bix1c2VyPXNvbWV1c2VyQGV4YW1wbGUuY29tLAFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhS"
            + "aGRtbHpkR0V1WTI5dENnPT0BAQ==";

    assertThat(server("OAUTHBEARER").begin(Optional.of(Base64.getDecoder().decode(request))))
        .isEqualTo(new SaslStep.Failed(SaslFailure.MALFORMED, "no client response by RFC 7628"));
  }

  // RFC 4422 §A.2
  @Test
  void external() {
    Channel certified = new Channel(true, List.of(), Optional.of("fred"));
    SaslServer server =
        SaslServer.of("EXTERNAL", Directory.USERS.terms(certified, 1)).orElseThrow();

    assertThat(text(server.begin(Optional.empty()))).isEmpty();
    assertThat(server.respond(NOTHING)).isEqualTo(new SaslStep.Done("fred", "fred"));
    assertThat(
            SaslServer.of("EXTERNAL", Directory.USERS.terms(certified, 1))
                .orElseThrow()
                .begin(Optional.of(octets("fred@example.com"))))
        .isEqualTo(
            new SaslStep.Failed(SaslFailure.AUTHORIZATION, "fred may not act as fred@example.com"));
  }

  // RFC 5803 §4
  @Test
  void aVerifierIsKeptInOneLine() {
    String line =
        "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:"
            + "D+CSWLOshSulAsxiupA+qs2/fTE=";

    ScramVerifier verifier = ScramVerifier.parse(line).orElseThrow();

    assertThat(verifier).hasToString(line);
    assertThat(verifier)
        .isEqualTo(
            ScramVerifier.of(
                    ScramHash.SHA_1, "pencil", Base64.getDecoder().decode("QSXCR+Q6sek8bf92"), 4096)
                .orElseThrow());
    assertThat(verifier.verifies("pencil")).isTrue();
    assertThat(verifier.verifies("pencils")).isFalse();
    assertThat(Map.of("key", verifier)).containsValue(ScramVerifier.parse(line).orElseThrow());
  }
}
