package org.depesche.tls.acme;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.depesche.net.Connection;
import org.depesche.net.TlsConnection;
import org.depesche.net.TlsEngines;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// A handshake that shows a certificate to those who ask for the protocol of ACME and for a name
/// that is to be shown, and to nobody else (RFC 8737 §3).
final class CertificateDialogue implements ChallengeServer.Dialogue {

  static final String PROTOCOL = "acme-tls/1";

  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  private final TlsEngines engines;
  private final Ticker ticker;

  /// @throws IOException when the JDK has no TLS for us
  CertificateDialogue(List<Answer.Certificate> answers, Ticker ticker) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new Keys(answers)}, null, new SecureRandom());
      this.engines = new Engines(context);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be had: " + e.getMessage(), e);
    }
    this.ticker = ticker;
  }

  @Override
  public void hold(Connection connection) throws IOException {
    // RFC 8737 §3: no data is exchanged, the handshake is all.
    TlsConnection.accept(connection, engines, HANDSHAKE, ticker).finish();
  }

  /// Engines that speak nothing but the protocol of ACME.
  private record Engines(SSLContext context) implements TlsEngines {

    @Override
    public SSLEngine server() {
      SSLEngine engine = context.createSSLEngine();
      // No protocol in common ends the handshake (RFC 7301 §3.2).
      engine.setHandshakeApplicationProtocolSelector(
          (_, offered) -> offered.contains(PROTOCOL) ? PROTOCOL : null);
      return engine;
    }
  }

  /// The certificates by name; the name is the alias.
  private static final class Keys extends X509ExtendedKeyManager {

    private final Map<String, Answer.Certificate> byName;

    private Keys(List<Answer.Certificate> answers) {
      this.byName =
          answers.stream().collect(Collectors.toMap(Answer.Certificate::name, Function.identity()));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      if (engine == null
          || !PROTOCOL.equals(engine.getHandshakeApplicationProtocol())
          || !(engine.getHandshakeSession() instanceof ExtendedSSLSession session)) {
        return null;
      }
      return session.getRequestedServerNames().stream()
          .filter(SNIHostName.class::isInstance)
          .map(name -> ((SNIHostName) name).getAsciiName().toLowerCase(Locale.ROOT))
          .filter(name -> fits(byName.get(name), keyType))
          .findFirst()
          .orElse(null);
    }

    private static boolean fits(Answer.@Nullable Certificate answer, String keyType) {
      return answer != null && keyType.startsWith(answer.key().getAlgorithm());
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      Answer.Certificate answer = byName.get(alias);
      return answer == null ? null : new X509Certificate[] {answer.certificate()};
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      Answer.Certificate answer = byName.get(alias);
      return answer == null ? null : answer.key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return byName.keySet().toArray(String[]::new);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }
  }
}
