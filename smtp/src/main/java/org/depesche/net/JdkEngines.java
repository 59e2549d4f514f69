package org.depesche.net;

import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// TLS as the JDK has it, versions 1.2 and 1.3.
///
/// @param context keys and trust
/// @param clientCertificates whether clients are asked for a certificate; one that does not come,
///   or that nobody trusts, ends nothing where the trust manager lets it pass
/// @param verify whether the names of servers are checked against their certificates (RFC 9525)
public record JdkEngines(SSLContext context, boolean clientCertificates, boolean verify)
    implements TlsEngines {

  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  @Override
  public SSLEngine server() {
    SSLEngine engine = context.createSSLEngine();
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(VERSIONS);
    parameters.setUseCipherSuitesOrder(true);
    parameters.setWantClientAuth(clientCertificates);
    engine.setSSLParameters(parameters);
    return engine;
  }

  @Override
  public SSLEngine client(String host, int port) {
    SSLEngine engine = context.createSSLEngine(host, port);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(VERSIONS);
    serverName(host).ifPresent(name -> parameters.setServerNames(List.of(name)));
    if (verify) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  /// RFC 6066 §3: a name and no address.
  static Optional<SNIHostName> serverName(String host) {
    if (!host.contains(".") || host.contains(":") || host.matches("[0-9.]+")) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new SNIHostName(host.endsWith(".") ? host.substring(0, host.length() - 1) : host));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
