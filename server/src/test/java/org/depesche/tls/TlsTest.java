package org.depesche.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.depesche.net.Connection;
import org.depesche.net.ConnectionHandler;
import org.depesche.net.Connector;
import org.depesche.net.Listener;
import org.depesche.net.Reaper;
import org.depesche.net.TlsConnection;
import org.depesche.net.TlsDetails;
import org.depesche.net.TlsEngines;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Certificates and engines, the JDK's and BoringSSL's against each other.
@Timeout(60)
class TlsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final SecureRandom RANDOM = new SecureRandom();

  /// Which engines listen.
  enum Kind {
    FOR_SERVERS,
    FOR_LOGINS;

    TlsEngines of(Tls tls) {
      return this == FOR_SERVERS ? tls.forServers() : tls.forLogins();
    }
  }

  @TempDir private Path folder;
  private KeyPairFile first;
  private KeyPairFile second;

  TlsTest() {
    first = new KeyPairFile(Path.of(""), Path.of(""));
    second = first;
  }

  @BeforeEach
  void makeCertificates() throws IOException {
    first = selfSigned("first.pem", "mx.first.test", "*.wild.test");
    second = selfSigned("second.pem", "mx.second.test");
  }

  private KeyPairFile selfSigned(String file, String... names) throws IOException {
    KeyPairFile made =
        SelfSigned.at(folder.resolve(file), List.of(names), InstantSource.system(), RANDOM);
    assertThat(made.certificate()).isNotNull();
    return made;
  }

  /// What a handshake with a listener comes to, and whether octets pass both ways.
  private static TlsDetails shaken(TlsEngines server, TlsEngines client, String name)
      throws IOException {
    CompletableFuture<TlsDetails> theirs = new CompletableFuture<>();
    ConnectionHandler echo =
        new ConnectionHandler() {
          @Override
          public void handle(Connection connection) {
            try {
              TlsConnection secured =
                  TlsConnection.accept(connection, server, PATIENCE, Ticker.system());
              theirs.complete(secured.details());
              ByteBuffer piece = ByteBuffer.allocate(50_000);
              while (secured.read(piece.clear()) > 0) {
                secured.write(piece.flip());
              }
              secured.finish();
            } catch (IOException e) {
              theirs.completeExceptionally(e);
            }
          }

          @Override
          public void acceptFailed(IOException cause) {
            theirs.completeExceptionally(cause);
          }
        };
    try (Reaper reaper = Reaper.started();
        Connector connector = new Connector(Ticker.system());
        Listener listener =
            new Listener(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10, reaper, echo)) {
      connector.start();
      listener.start();
      TlsConnection secured =
          TlsConnection.connect(
              connector.connect(listener.localAddress(), PATIENCE),
              client,
              name,
              PATIENCE,
              Ticker.system());
      for (int size : new int[] {1, 100, 1000, 16_384, 40_000}) {
        byte[] sent = "x".repeat(size).getBytes(US_ASCII);
        secured.write(ByteBuffer.wrap(sent));
        ByteBuffer back = ByteBuffer.allocate(size);
        while (back.hasRemaining() && secured.read(back) > 0) {
          // As much as a read gives.
        }
        assertThat(back.array()).isEqualTo(sent);
      }
      secured.farewell();
      secured.close();
      assertThat(theirs.join().protocol()).isEqualTo("TLSv1.3");
      assertThat(theirs.join().serverName()).isEqualTo(name);
      return secured.details();
    }
  }

  private static String subject(TlsDetails details) {
    return ((X509Certificate) details.peer().getFirst()).getSubjectX500Principal().getName();
  }

  @ParameterizedTest
  @EnumSource
  void aClientGetsTheCertificateOfTheNameItAsksFor(Kind kind) throws IOException {
    Tls tls = new Tls(List.of(first, second));
    TlsEngines server = kind.of(tls);
    TlsEngines client = Tls.opportunistic();

    assertThat(subject(shaken(server, client, "mx.second.test"))).isEqualTo("CN=mx.second.test");
    assertThat(subject(shaken(server, client, "mx.first.test"))).isEqualTo("CN=mx.first.test");
    assertThat(subject(shaken(server, client, "any.wild.test"))).isEqualTo("CN=mx.first.test");
    assertThat(subject(shaken(server, client, "other.test"))).isEqualTo("CN=mx.first.test");
  }

  @Test
  void ourOwnIsReadWhenItIsNeededButLookedAtBefore() throws IOException {
    Path file = folder.resolve("self-signed.pem");
    KeyPairFile ours = selfSigned("self-signed.pem", "mx.own.test");
    Tls tls = new Tls(List.of(ours));

    assertThat(subject(shaken(tls.forServers(), Tls.opportunistic(), "mx.own.test")))
        .isEqualTo("CN=mx.own.test");

    String whole = Files.readString(file);
    Files.writeString(file, whole.substring(0, whole.length() - 40));
    assertThatThrownBy(() -> new Tls(List.of(ours)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("self-signed.pem");

    // What looks right and is not is told by whoever needs it.
    Files.writeString(file, whole.replaceFirst("MI", "AA"));
    Tls broken = new Tls(List.of(ours));
    assertThatThrownBy(broken::firstExpiry).hasMessageContaining("self-signed.pem");
    Files.writeString(file, whole);
    assertThat(broken.firstExpiry()).isPresent();
  }

  @ParameterizedTest
  @EnumSource
  void certificatesAreChangedForConnectionsToCome(Kind kind) throws IOException {
    Tls tls = new Tls(List.of(first));
    TlsEngines server = kind.of(tls);
    TlsEngines client = Tls.opportunistic();
    assertThat(subject(shaken(server, client, "mx.first.test"))).isEqualTo("CN=mx.first.test");

    tls.reload(List.of(second), false);

    assertThat(subject(shaken(server, client, "mx.first.test"))).isEqualTo("CN=mx.second.test");
    KeyPairFile missing = new KeyPairFile(folder.resolve("none.pem"), folder.resolve("none.pem"));
    assertThatThrownBy(() -> tls.reload(List.of(missing), false)).hasMessageContaining("none.pem");
    assertThat(subject(shaken(server, client, "mx.first.test"))).isEqualTo("CN=mx.second.test");
  }

  @ParameterizedTest
  @EnumSource
  void whoVerifiesBelievesNoCertificateOfOurOwnMaking(Kind kind) throws IOException {
    Tls tls = new Tls(List.of(first));

    assertThatThrownBy(() -> shaken(kind.of(tls), Tls.verifying(), "mx.first.test"))
        .hasMessageContaining("TLS handshake failed");
  }

  @Test
  void boringSslIsThereWhereTheTestsRun() {
    assertThat(BoringEngines.trouble()).isEmpty();
  }

  @Test
  void enginesAreGivenBackWhateverHappens() throws IOException {
    Tls tls = new Tls(List.of(first));
    for (int i = 0; i < 200; i++) {
      var _ = shaken(tls.forServers(), Tls.opportunistic(), "mx.first.test");
    }

    assertThat(tls.firstExpiry()).isPresent();
  }

  @Test
  void aSelfSignedCertificateIsMadeOnceAndReadableByItsOwnerOnly() throws IOException {
    byte[] before = Files.readAllBytes(first.chain());

    KeyPairFile again = selfSigned("first.pem", "another.test");

    assertThat(Files.readAllBytes(again.chain())).isEqualTo(before);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first.chain())))
        .isEqualTo("rw-------");
    assertThat(CertificateNames.of(first.load().own()))
        .containsExactly("mx.first.test", "*.wild.test");
  }

  @Test
  void aSelfSignedCertificateThatACrashHasLeftEmptyIsMadeAgain() throws IOException {
    Files.write(first.chain(), new byte[0]);

    KeyPairFile again = selfSigned("first.pem", "mx.first.test");

    assertThat(again.canWait()).isTrue();
    assertThat(CertificateNames.of(again.load().own())).containsExactly("mx.first.test");
  }

  @Test
  void filesThatDoNotBelongTogetherAreRefused() throws IOException {
    Path nothing = Files.writeString(folder.resolve("nothing.pem"), "no PEM at all\n");

    assertThatThrownBy(() -> new KeyPairFile(first.chain(), second.key()).load())
        .hasMessageContaining("is not that of the certificate");
    assertThatThrownBy(() -> new KeyPairFile(nothing, first.key()).load())
        .hasMessageContaining("nothing.pem has no certificate");
    assertThatThrownBy(() -> new KeyPairFile(first.chain(), nothing).load())
        .hasMessageContaining("nothing.pem has no private key");
  }

  @Test
  void wildcardsStandForOneLabel() {
    List<String> names = List.of("*.wild.test", "mx.test");

    assertThat(CertificateNames.match(names, "a.wild.test")).isTrue();
    assertThat(CertificateNames.match(names, "a.b.wild.test")).isFalse();
    assertThat(CertificateNames.match(names, "wild.test")).isFalse();
    assertThat(CertificateNames.match(names, "mx.test")).isTrue();
  }
}
