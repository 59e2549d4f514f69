package org.depesche.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Chooses the certificate a client gets: the first for the name it asks for and of a kind it
/// understands, else the first of that kind (RFC 6066 §3). An alias is the number of a certificate.
final class ServerKeys extends X509ExtendedKeyManager {

  private final List<KeyPairFile.Loaded> loaded;
  private final List<List<String>> names;

  ServerKeys(List<KeyPairFile.Loaded> loaded) {
    this.loaded = List.copyOf(loaded);
    this.names = loaded.stream().map(each -> CertificateNames.of(each.own())).toList();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    List<Integer> fit =
        IntStream.range(0, loaded.size())
            .filter(i -> isOf(keyType, loaded.get(i).key()))
            .boxed()
            .toList();
    String asked = engine == null ? "" : asked(engine);
    return fit.stream()
        .filter(i -> !asked.isEmpty() && CertificateNames.match(names.get(i), asked))
        .findFirst()
        .or(() -> fit.stream().findFirst())
        .map(String::valueOf)
        .orElse(null);
  }

  private static boolean isOf(String keyType, PrivateKey key) {
    String algorithm = key.getAlgorithm().equals("ECDSA") ? "EC" : key.getAlgorithm();
    return keyType.equals(algorithm)
        || keyType.startsWith("EC_") && algorithm.equals("EC")
        || keyType.startsWith("RSA") && algorithm.equals("RSA")
        || keyType.equals("RSASSA-PSS") && algorithm.equals("RSA");
  }

  private static String asked(SSLEngine engine) {
    if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
      return session.getRequestedServerNames().stream()
          .filter(SNIHostName.class::isInstance)
          .map(name -> ((SNIHostName) name).getAsciiName().toLowerCase(Locale.ROOT))
          .findFirst()
          .orElse("");
    }
    return "";
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String[] aliases =
        IntStream.range(0, loaded.size())
            .filter(i -> isOf(keyType, loaded.get(i).key()))
            .mapToObj(String::valueOf)
            .toArray(String[]::new);
    return aliases.length == 0 ? null : aliases;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return loaded.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return loaded.get(Integer.parseInt(alias)).key();
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
