package org.depesche.login.oauth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.directory.Account;
import org.depesche.sasl.Verification;
import org.depesche.smtp.AddressParser;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tokens of a provider on this machine.
class OAuthLoginsTest {

  private static final String ALICE = "alice@example.org";
  private static final String ISSUER = "https://id.example.org";

  private final ManualTime time = new ManualTime();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer provider;
  private volatile int status = 200;
  private volatile boolean slow;
  private volatile String answer = "";
  private volatile String asked = "";
  private ECKey key;

  @BeforeEach
  void start() throws Exception {
    key = key("one");
    answer = new JWKSet(key.toPublicJWK()).toString();
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.setExecutor(threads);
    provider.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          asked =
              exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          if (slow) {
            // The header has gone out, the rest does not come.
            await();
          }
          try (var out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    provider.start();
  }

  private void await() throws IOException {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @AfterEach
  void stop() {
    over.countDown();
    provider.stop(0);
    threads.close();
  }

  private static ECKey key(String name) throws JOSEException {
    return new ECKeyGenerator(Curve.P_256).keyID(name).generate();
  }

  private URI address() {
    return URI.create("http://127.0.0.1:" + provider.getAddress().getPort() + "/");
  }

  private static OAuthSettings settings(Duration timeout) {
    return new OAuthSettings(
        Optional.of(ISSUER),
        Optional.of("mail"),
        Optional.of("smtp"),
        "email",
        timeout,
        Duration.ofSeconds(30));
  }

  private static Optional<Account> account(String name) {
    return name.equalsIgnoreCase(ALICE)
        ? Optional.of(Account.of(AddressParser.parseMailbox(ALICE, true).orElseThrow()))
        : Optional.empty();
  }

  private OAuthLogins byKeys() {
    return byKeys(Duration.ofSeconds(30));
  }

  private OAuthLogins byKeys(Duration timeout) {
    return OAuthLogins.byKeys(address(), settings(timeout), OAuthLoginsTest::account, time, time);
  }

  private OAuthLogins byQuestion() {
    return OAuthLogins.byIntrospection(
        address(),
        "me",
        "p:w",
        settings(Duration.ofSeconds(30)),
        OAuthLoginsTest::account,
        time,
        time);
  }

  /// Claims of a good token.
  private JWTClaimsSet.Builder good() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("mail")
        .claim("email", ALICE)
        .claim("scope", "openid smtp")
        .claim("exp", time.instant().plusSeconds(600).getEpochSecond());
  }

  private static String signed(ECKey by, JWTClaimsSet.Builder claims) throws JOSEException {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build(), claims.build());
    jwt.sign(new ECDSASigner(by));
    return jwt.serialize();
  }

  private void refused(JWTClaimsSet.Builder claims, String reason) throws JOSEException {
    refused(byKeys().check(signed(key, claims)), reason);
  }

  private static void refused(Verification verified, String reason) {
    assertThat(verified)
        .isInstanceOfSatisfying(
            Verification.Rejected.class, r -> assertThat(r.reason()).contains(reason));
  }

  private static void unavailable(Verification verified) {
    assertThat(verified).isInstanceOf(Verification.Unavailable.class);
  }

  private static void accepted(Verification verified) {
    assertThat(verified).isEqualTo(new Verification.Accepted(ALICE));
  }

  @Test
  void aGoodTokenIsItsAccounts() throws Exception {
    OAuthLogins logins = byKeys();

    accepted(logins.check(signed(key, good())));
    accepted(logins.check(signed(key, good().claim("email", "Alice@Example.ORG"))));
    assertThat(requests).as("keys are remembered").hasValue(1);
  }

  @Test
  void whatATokenSaysHasToBeRight() throws Exception {
    refused(good().claim("exp", time.instant().minusSeconds(31).getEpochSecond()), "run out");
    refused(good().claim("exp", null), "run out");
    refused(good().claim("nbf", time.instant().plusSeconds(31).getEpochSecond()), "not good yet");
    refused(good().issuer("https://evil.example"), "from https://evil.example");
    refused(good().issuer(null), "from nobody");
    refused(good().audience("calendar"), "for [calendar]");
    refused(good().audience((String) null), "for []");
    refused(good().claim("scope", "smtpx"), "scope");
    refused(good().claim("email", null), "no email");
    refused(good().claim("email", "mallory@example.org"), "no account");
    refused(good().claim("email_verified", false), "not verified");
  }

  @Test
  void theClockMayBeOffALittle() throws Exception {
    accepted(
        byKeys()
            .check(
                signed(
                    key, good().claim("exp", time.instant().minusSeconds(29).getEpochSecond()))));
  }

  @Test
  void onlyTheProvidersSignatureCounts() throws Exception {
    OAuthLogins logins = byKeys();
    String good = signed(key, good());
    String payload = good.split("\\.", -1)[1];

    refused(logins.check(new PlainJWT(good().build()).serialize()), "no signed JWT");
    refused(logins.check(signed(key("one"), good())), "wrong signature");
    refused(logins.check("abc"), "no signed JWT");
    refused(logins.check(good.replace(payload, payload.substring(0, 8) + "AAAA")), "");

    SignedJWT byPublicKey =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), good().build());
    byPublicKey.sign(new MACSigner(key.toPublicJWK().toECPublicKey().getEncoded()));
    refused(logins.check(byPublicKey.serialize()), "signed by HS256");

    String none = Base64.getUrlEncoder().withoutPadding().encodeToString(b("{\"alg\":\"none\"}"));
    refused(logins.check(none + "." + payload + "." + good.split("\\.", -1)[2]), "");
  }

  private static byte[] b(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void aNewKeyIsFetchedOnceAMinuteAtMost() throws Exception {
    OAuthLogins logins = byKeys();
    accepted(logins.check(signed(key, good())));

    ECKey next = key("two");
    answer = new JWKSet(next.toPublicJWK()).toString();
    refused(logins.check(signed(next, good())), "none of the provider's");
    assertThat(requests).hasValue(1);
    time.advance(KeySet.BETWEEN_FETCHES);
    accepted(logins.check(signed(next, good())));
    assertThat(requests).hasValue(2);
    refused(logins.check(signed(key, good())), "none of the provider's");
    refused(logins.check(signed(key, good())), "none of the provider's");
    assertThat(requests).hasValue(2);
  }

  @Test
  void withoutTheProviderNothingIsKnownOfATokenByAnUnknownKey() throws Exception {
    status = 503;
    OAuthLogins logins = byKeys();

    unavailable(logins.check(signed(key, good())));
    unavailable(logins.check(signed(key, good())));
    assertThat(requests).as("it is not asked again at once").hasValue(1);

    status = 200;
    time.advance(KeySet.AFTER_FAILURE);
    accepted(logins.check(signed(key, good())));
  }

  @Test
  void keysOutliveTheirProviderForADay() throws Exception {
    OAuthLogins logins = byKeys();
    accepted(logins.check(signed(key, good())));
    status = 500;

    time.advance(Duration.ofHours(5));
    accepted(logins.check(signed(key, good())));
    time.advance(Duration.ofHours(20));
    unavailable(logins.check(signed(key, good())));
  }

  @Test
  void aProviderThatIsSlowOrEndlessIsNotWaitedFor() throws Exception {
    slow = true;
    unavailable(byKeys(Duration.ofMillis(200)).check(signed(key, good())));

    slow = false;
    answer = " ".repeat(Provider.MAX_ANSWER_OCTETS + 1);
    unavailable(byKeys().check(signed(key, good())));

    answer = "<html>";
    unavailable(byKeys().check(signed(key, good())));

    provider.stop(0);
    unavailable(byKeys().check(signed(key, good())));
  }

  @Test
  void theProviderIsAskedAboutATokenOnceInAWhile() {
    OAuthLogins logins = byQuestion();
    answer =
        "{\"active\":true,\"aud\":[\"mail\",\"x\"],\"scope\":\"smtp\",\"email\":\"" + ALICE + "\"}";

    accepted(logins.check("opaque+/="));
    accepted(logins.check("opaque+/="));
    assertThat(requests).hasValue(1);
    assertThat(asked)
        .isEqualTo(
            "Basic "
                + Base64.getEncoder().encodeToString(b("me:p%3Aw"))
                + " token=opaque%2B%2F%3D&token_type_hint=access_token");

    answer = "{\"active\":false}";
    time.advance(IntrospectedTokens.HOLDS);
    refused(logins.check("opaque+/="), "not active");
  }

  @Test
  void whatTheProviderSaysOfATokenHasToBeRightToo() {
    answer = "{\"active\":true,\"scope\":\"smtp\",\"email\":\"" + ALICE + "\"}";
    refused(byQuestion().check("opaque"), "for []");
    answer = answer.replace("}", ",\"aud\":\"mail\",\"iss\":\"https://evil.example\"}");
    refused(byQuestion().check("opaque"), "from https://evil.example");
    answer = answer.replace("\"iss\":\"https://evil.example\"", "\"exp\":1");
    refused(byQuestion().check("opaque"), "run out");
    answer = "{}";
    unavailable(byQuestion().check("opaque"));
    status = 401;
    unavailable(byQuestion().check("opaque"));
  }
}
