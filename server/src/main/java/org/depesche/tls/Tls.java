package org.depesche.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.depesche.net.JdkEngines;
import org.depesche.net.TlsEngines;
import org.jspecify.annotations.Nullable;

/// The TLS of this server's listeners: its certificates, read anew when somebody says so. Sessions
/// that are open keep what they began with. Safe for use by many threads.
public final class Tls {

  /// What holds since the certificates were read last.
  ///
  /// @param cheap shake hands at the least price
  /// @param exporting have exporters
  private record State(
      TlsEngines cheap, TlsEngines exporting, List<X509Certificate> certificates) {}

  private volatile Late<State> state;

  /// @param files certificates with their keys; the first is for clients that ask for no name
  /// @throws IOException when one cannot be read; the message names the file
  public Tls(List<KeyPairFile> files) throws IOException {
    this(files, false);
  }

  /// @param files certificates with their keys; the first is for clients that ask for no name
  /// @param asksClients whether clients are asked for a certificate; any will do, since it is known
  ///   by its fingerprint, and none as well
  /// @throws IOException when one cannot be read; the message names the file. Where all are ours
  ///   they are read when they are first needed: what the JDK wants for that is a third of a start
  public Tls(List<KeyPairFile> files, boolean asksClients) throws IOException {
    this.state = late(files, asksClients);
    for (KeyPairFile file : files) {
      if (!file.canWait()) {
        state.make();
      }
    }
  }

  /// Reads certificates anew; on failure all stays as it was.
  ///
  /// @throws IOException when one cannot be read
  public void reload(List<KeyPairFile> files, boolean asksClients) throws IOException {
    reading(files, asksClients).run();
  }

  /// Reads certificates anew, to be taken over when all else is in order too.
  ///
  /// @return takes them over
  /// @throws IOException when one cannot be read
  public Runnable reading(List<KeyPairFile> files, boolean asksClients) throws IOException {
    Late<State> next = late(files, asksClients);
    next.make();
    return () -> state = next;
  }

  private static Late<State> late(List<KeyPairFile> files, boolean asksClients) {
    return new Late<>(() -> read(List.copyOf(files), asksClients));
  }

  private static State read(List<KeyPairFile> files, boolean asksClients) throws IOException {
    List<KeyPairFile.Loaded> loaded = new ArrayList<>();
    for (KeyPairFile file : files) {
      loaded.add(file.load());
    }
    ServerKeys keys = new ServerKeys(loaded);
    TlsEngines jdk =
        new JdkEngines(
            context(new KeyManager[] {keys}, new TrustManager[] {new AnyPeer()}),
            asksClients,
            false);
    return new State(
        new LateEngines(
            () ->
                BoringEngines.isAvailable()
                    ? BoringEngines.server(keys, new SecureRandom(), asksClients)
                    : jdk),
        jdk,
        loaded.stream().map(KeyPairFile.Loaded::own).toList());
  }

  private static SSLContext context(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust)
      throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be had: " + e.getMessage(), e);
    }
  }

  /// For connections to servers of which nothing is known: encrypts and believes every certificate.
  public static TlsEngines opportunistic() {
    return new LateEngines(
        () ->
            BoringEngines.isAvailable()
                ? BoringEngines.client(new AnyPeer())
                : new JdkEngines(context(null, new TrustManager[] {new AnyPeer()}), false, false));
  }

  /// For connections to servers whose certificate has to be good: of a known authority, and for the
  /// name.
  public static TlsEngines verifying() {
    // To read all authorities there are takes a quarter of a second.
    return new LateEngines(() -> new JdkEngines(context(null, null), false, true));
  }

  /// For listeners of other servers, where every message may come with a handshake of its own.
  public TlsEngines forServers() {
    return new Listening(State::cheap);
  }

  /// For listeners where people log in, perhaps bound to the channel (RFC 9266).
  public TlsEngines forLogins() {
    return new Listening(State::exporting);
  }

  /// Engines with the certificates of the moment.
  private final class Listening implements TlsEngines {

    private final Function<State, TlsEngines> kind;

    private Listening(Function<State, TlsEngines> kind) {
      this.kind = kind;
    }

    @Override
    public SSLEngine server() {
      return kind.apply(state.get()).server();
    }

    @Override
    public void release(SSLEngine engine) {
      // Which of the states has made it makes no difference to this.
      kind.apply(state.get()).release(engine);
    }
  }

  /// When the first of the certificates runs out.
  ///
  /// @throws IOException when it is ours and cannot be read
  public Optional<Instant> firstExpiry() throws IOException {
    return state.make().certificates().stream()
        .map(certificate -> certificate.getNotAfter().toInstant())
        .min(Comparator.naturalOrder());
  }
}
