package org.depesche.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.security.SecureRandom;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.depesche.net.TlsEngines;

/// TLS by BoringSSL, which shakes hands at a fraction of the JDK's price. It has no exporter, so
/// that listeners where people log in keep the JDK's. Memory of an engine is outside of the heap
/// and is given back by `release`.
///
/// Nothing else of Netty is used: the engine is driven like any other.
final class BoringEngines implements TlsEngines {

  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  private static final Cleaner CLEANER = Cleaner.create();

  private final SslContext context;

  private BoringEngines(SslContext context) {
    this.context = context;
    // Engines hold on to their context; it goes when nobody can make another any more.
    Cleaner.Cleanable _ = CLEANER.register(this, () -> ReferenceCountUtil.release(context));
  }

  /// True where its native part is there for this machine.
  static boolean isAvailable() {
    return OpenSsl.isAvailable();
  }

  /// For a listener.
  ///
  /// @param asksClients whether clients are asked for a certificate; any will do
  /// @throws IOException when it cannot work with these keys
  static BoringEngines server(KeyManager keys, SecureRandom random, boolean asksClients)
      throws IOException {
    try {
      SslContext context =
          SslContextBuilder.forServer(keys)
              .sslProvider(SslProvider.OPENSSL_REFCNT)
              .trustManager(new AnyPeer())
              .clientAuth(asksClients ? ClientAuth.OPTIONAL : ClientAuth.NONE)
              .protocols(VERSIONS)
              .build();
      if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
        // Tickets by a key of this process (RFC 5077 §4): nothing is kept here for a session that
        // may be resumed, and nothing can be read later from what was recorded after a restart.
        sessions.setTicketKeys(
            new OpenSslSessionTicketKey(
                bytes(OpenSslSessionTicketKey.NAME_SIZE, random),
                bytes(OpenSslSessionTicketKey.HMAC_KEY_SIZE, random),
                bytes(OpenSslSessionTicketKey.AES_KEY_SIZE, random)));
      }
      return new BoringEngines(context);
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("BoringSSL: " + e.getMessage(), e);
    }
  }

  /// For connections to servers, whose certificates the trust manager judges; names are not looked
  /// at.
  ///
  /// @throws IOException when it cannot be had
  static BoringEngines client(TrustManager trust) throws IOException {
    try {
      return new BoringEngines(
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.OPENSSL_REFCNT)
              .protocols(VERSIONS)
              .trustManager(trust)
              .endpointIdentificationAlgorithm(null)
              .build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("BoringSSL: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(int count, SecureRandom random) {
    byte[] made = new byte[count];
    random.nextBytes(made);
    return made;
  }

  @Override
  public SSLEngine server() {
    return context.newEngine(UnpooledByteBufAllocator.DEFAULT);
  }

  @Override
  public SSLEngine client(String host, int port) {
    return context.newEngine(UnpooledByteBufAllocator.DEFAULT, host, port);
  }

  @Override
  public void release(SSLEngine engine) {
    boolean _ = ReferenceCountUtil.release(engine);
  }

  /// Where BoringSSL is missing, why.
  static Optional<String> trouble() {
    return Optional.ofNullable(OpenSsl.unavailabilityCause()).map(String::valueOf);
  }
}
