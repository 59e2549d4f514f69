package org.depesche.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelBindingTest {

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;

  private KeyStore keys(String key, String signature) throws Exception {
    Path file = folder.resolve(signature + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "mx",
                "-dname",
                "CN=mx.test",
                "-ext",
                "san=dns:mx.test",
                "-keyalg",
                key,
                "-sigalg",
                signature,
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  // RFC 5929 §4.1
  @ParameterizedTest
  @CsvSource({
    "EC, SHA1withECDSA, SHA-256",
    "RSA, SHA256withRSA, SHA-256",
    "EC, SHA384withECDSA, SHA-384",
    "EC, SHA512withECDSA, SHA-512"
  })
  void theCertificateIsHashedAsItsSignatureIs(String key, String signature, String hash)
      throws Exception {
    X509Certificate certificate = (X509Certificate) keys(key, signature).getCertificate("mx");

    ChannelBinding binding = ChannelBinding.serverEndPoint(certificate).orElseThrow();

    assertThat(binding.type()).isEqualTo("tls-server-end-point");
    assertThat(binding.data())
        .isEqualTo(MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
  }

  // RFC 5929 §4.1
  @ParameterizedTest
  @CsvSource({"Ed25519, Ed25519", "RSA, RSASSA-PSS"})
  void aSignatureWithoutASingleHashGivesNoBinding(String key, String signature) throws Exception {
    X509Certificate certificate = (X509Certificate) keys(key, signature).getCertificate("mx");

    assertThat(ChannelBinding.serverEndPoint(certificate)).isEqualTo(Optional.empty());
  }

  // RFC 9266 §2
  @Test
  void bothEndsOfATls13ConnectionExportTheSameAndNoOtherConnectionDoes() throws Exception {
    SSLContext context = context(keys("EC", "SHA256withECDSA"));
    Sessions first = handshake(context, "TLSv1.3");
    Sessions second = handshake(context, "TLSv1.3");

    ChannelBinding binding = ChannelBinding.exporter(first.client()).orElseThrow();

    assertThat(binding.type()).isEqualTo("tls-exporter");
    assertThat(binding.data()).hasSize(32);
    assertThat(ChannelBinding.exporter(first.server()).orElseThrow().data())
        .isEqualTo(binding.data());
    assertThat(ChannelBinding.exporter(second.client()).orElseThrow().data())
        .isNotEqualTo(binding.data());
  }

  // RFC 9266 §4.2
  @Test
  void olderTlsExportsNothing() throws Exception {
    Sessions sessions = handshake(context(keys("EC", "SHA256withECDSA")), "TLSv1.2");

    assertThat(ChannelBinding.exporter(sessions.client())).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "tls exporter", "tls,exporter", "t=x"})
  void aTypeIsAName(String type) {
    assertThatThrownBy(() -> new ChannelBinding(type, new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private record Sessions(ExtendedSSLSession client, ExtendedSSLSession server) {}

  private static SSLContext context(KeyStore keys) throws Exception {
    KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
    own.init(keys, PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("mx", keys.getCertificate("mx"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /// A handshake in memory.
  private static Sessions handshake(SSLContext context, String version) throws Exception {
    SSLEngine client = context.createSSLEngine("mx.test", 25);
    SSLEngine server = context.createSSLEngine();
    client.setUseClientMode(true);
    server.setUseClientMode(false);
    for (SSLEngine engine : new SSLEngine[] {client, server}) {
      engine.setEnabledProtocols(new String[] {version});
    }
    ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    client.beginHandshake();
    server.beginHandshake();
    for (int i = 0; i < 100 && (!isDone(client) || !isDone(server)); i++) {
      turn(client, toClient, toServer);
      turn(server, toServer, toClient);
    }
    assertThat(client.getSession().getProtocol()).isEqualTo(version);
    return new Sessions(
        (ExtendedSSLSession) client.getSession(), (ExtendedSSLSession) server.getSession());
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  /// One step of an engine; both buffers are kept in the state to be written.
  private static void turn(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws Exception {
    ByteBuffer plain = ByteBuffer.allocate(1 << 16);
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> {
        for (Runnable task = engine.getDelegatedTask();
            task != null;
            task = engine.getDelegatedTask()) {
          task.run();
        }
      }
      case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
      default -> {
        in.flip();
        engine.unwrap(in, plain);
        in.compact();
      }
    }
  }
}
