package org.depesche.tls.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.util.CertificateUtils;

/// The handshake an authority looks for (RFC 8737 §3), over real sockets.
@Timeout(30)
class CertificateDialogueTest {

  private static final String NAME = "mx.example.org";

  private static Answer.Certificate answer() throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair key = generator.generateKeyPair();
    return new Answer.Certificate(
        NAME,
        CertificateUtils.createTlsAlpn01Certificate(key, Identifier.dns(NAME), new byte[32]),
        key.getPrivate());
  }

  /// What a client is shown.
  private static X509Certificate shown(ChallengeServer server, String name, String... protocols)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anybody()}, null);
    InetSocketAddress address = server.addresses().getFirst();
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      parameters.setApplicationProtocols(protocols);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo("acme-tls/1");
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void itIsShownToThoseWhoAskForTheProtocolAndTheNameAndToNobodyElse()
      throws IOException, GeneralSecurityException {
    Answer.Certificate answer = answer();
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ChallengeServer server =
        ChallengeServer.open(
            List.of(anyPort), new CertificateDialogue(List.of(answer), Ticker.system()))) {
      assertThat(shown(server, NAME, "acme-tls/1")).isEqualTo(answer.certificate());
      assertThat(shown(server, NAME, "h2", "acme-tls/1")).isEqualTo(answer.certificate());
      assertThatThrownBy(() -> shown(server, NAME, "h2")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> shown(server, NAME)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> shown(server, "other.example.org", "acme-tls/1"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void anAddressThatCannotBeHadIsNamed() throws IOException, GeneralSecurityException {
    PageDialogue nothing = new PageDialogue(List.of());
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ChallengeServer first = ChallengeServer.open(List.of(anyPort), nothing)) {
      InetSocketAddress taken = first.addresses().getFirst();
      assertThatThrownBy(() -> ChallengeServer.open(List.of(taken), nothing))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(taken.getPort()));
    }
  }

  /// Believes everybody, like the authority, which looks at the certificate itself.
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
