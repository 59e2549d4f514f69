package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// TLS over another connection, by an engine that is driven on the owner's thread.
///
/// Buffers are held only while there is something in them: an idle session keeps a small one to
/// wait with. Time limits are those of the connection below.
public final class TlsConnection implements Connection {

  /// What a waiting session keeps: most records of commands and replies fit.
  private static final int WAITING_OCTETS = 512;

  /// Room tried first for what a record holds.
  private static final int SMALL_RECORD = 1024;

  private final Connection below;
  private final TlsEngines engines;
  private final SSLEngine engine;
  private final Ticker ticker;
  private final AtomicBoolean released = new AtomicBoolean();
  private ByteBuffer encrypted = ByteBuffer.allocate(WAITING_OCTETS).flip();
  private @Nullable ByteBuffer plain; // decrypted and not read yet; null for nothing
  private Optional<TlsDetails> details = Optional.empty();
  private Duration limit = Duration.ofMinutes(5);
  private volatile boolean late; // records have come, and nothing to read in them in time

  private TlsConnection(Connection below, TlsEngines engines, SSLEngine engine, Ticker ticker) {
    this.below = below;
    this.engines = engines;
    this.engine = engine;
    this.ticker = ticker;
  }

  /// Shakes hands as server.
  ///
  /// @param within how long it may take in all
  /// @throws IOException when it fails; the connection is no use then
  public static TlsConnection accept(
      Connection below, TlsEngines engines, Duration within, Ticker ticker) throws IOException {
    SSLEngine engine = made(engines::server);
    engine.setUseClientMode(false);
    return new TlsConnection(below, engines, engine, ticker).shaken(within);
  }

  /// Shakes hands as client.
  ///
  /// @param host the server's name
  /// @param within how long it may take in all
  /// @throws IOException when it fails; the connection is no use then
  public static TlsConnection connect(
      Connection below, TlsEngines engines, String host, Duration within, Ticker ticker)
      throws IOException {
    SSLEngine engine = made(() -> engines.client(host, below.remote().getPort()));
    engine.setUseClientMode(true);
    return new TlsConnection(below, engines, engine, ticker).shaken(within);
  }

  /// An implementation that cannot make an engine must not take a session down with it.
  private static SSLEngine made(Supplier<SSLEngine> maker) throws TlsException {
    try {
      return maker.get();
    } catch (RuntimeException | LinkageError e) {
      throw new TlsException("TLS cannot be had: " + e.getMessage(), e);
    }
  }

  private TlsConnection shaken(Duration within) throws IOException {
    try {
      shake(within);
      details = Optional.of(details(engine.getSession()));
      // The client's last words of a handshake have no answer, and it may wait for one.
      below.acknowledge();
      return this;
    } finally {
      if (details.isEmpty()) {
        release();
      }
    }
  }

  private void release() {
    if (released.compareAndSet(false, true)) {
      engines.release(engine);
    }
  }

  private void shake(Duration within) throws IOException {
    long start = ticker.nanos();
    try {
      engine.beginHandshake();
      HandshakeStatus status = engine.getHandshakeStatus();
      while (status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING) {
        Duration left = within.minusNanos(ticker.nanos() - start);
        if (!left.isPositive()) {
          throw new TlsException("the handshake took too long");
        }
        below.limit(left);
        status = step(status);
      }
    } catch (SSLException e) {
      tellAlert();
      throw new TlsException("TLS handshake failed: " + reason(e), e);
    } catch (RuntimeException e) {
      // Engines say some things about a peer's nonsense in this way.
      throw new TlsException("TLS handshake failed: " + e, e);
    }
  }

  private static String reason(SSLException e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private HandshakeStatus step(HandshakeStatus status) throws IOException {
    return switch (status) {
      case NEED_TASK -> {
        runTasks();
        yield engine.getHandshakeStatus();
      }
      case NEED_WRAP -> wrap(ByteBuffer.allocate(0)).getHandshakeStatus();
      case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> handshakeRecord();
      case FINISHED, NOT_HANDSHAKING -> throw new IllegalStateException("nothing to do");
    };
  }

  private HandshakeStatus handshakeRecord() throws IOException {
    SSLEngineResult result = unwrap();
    HandshakeStatus then =
        result.getHandshakeStatus() == HandshakeStatus.FINISHED
            ? HandshakeStatus.FINISHED
            : engine.getHandshakeStatus();
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> {
        // Some engines notice with an empty call that they have all they need.
        if (then == HandshakeStatus.NEED_UNWRAP && !fill()) {
          throw new TlsException("the peer hung up in the handshake");
        }
      }
      case CLOSED -> throw new TlsException("the peer ended the handshake");
      case OK, BUFFER_OVERFLOW -> {}
    }
    return then;
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /// What the handshake came to.
  public TlsDetails details() {
    return details.orElseThrow();
  }

  private TlsDetails details(SSLSession session) {
    return new TlsDetails(
        session.getProtocol(),
        session.getCipherSuite(),
        serverName(session),
        peer(session),
        Optional.ofNullable(session.getLocalCertificates()).map(List::of).orElse(List.of()),
        (label, length) -> export(session, label, length));
  }

  private static String serverName(SSLSession session) {
    if (session instanceof ExtendedSSLSession extended) {
      for (SNIServerName name : extended.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          return host.getAsciiName();
        }
      }
    }
    return "";
  }

  private static List<Certificate> peer(SSLSession session) {
    try {
      return List.of(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  private static byte[] export(SSLSession session, String label, int length) {
    try {
      return session instanceof ExtendedSSLSession extended
          ? extended.exportKeyingMaterialData(label, new byte[0], length)
          : new byte[0];
    } catch (SSLException | UnsupportedOperationException _) {
      return new byte[0];
    }
  }

  /// The time limit holds for what is read, not for each piece of a record: a peer that sends one
  /// byte by byte, or records with nothing in them, is as good as silent.
  @Override
  public int read(ByteBuffer into) throws IOException {
    int count = take(into);
    if (count > 0) {
      return count;
    }
    long start = ticker.nanos();
    try {
      while (decrypt()) {
        count = take(into);
        if (count > 0) {
          return count;
        }
        Duration left = limit.minusNanos(ticker.nanos() - start);
        if (!left.isPositive()) {
          late = true;
          return -1;
        }
        below.limit(left);
      }
      return -1;
    } finally {
      below.limit(limit);
    }
  }

  private int take(ByteBuffer into) {
    ByteBuffer ready = plain;
    if (ready == null) {
      return 0;
    }
    int count = Math.min(into.remaining(), ready.remaining());
    into.put(ready.slice(ready.position(), count));
    ready.position(ready.position() + count);
    plain = ready.hasRemaining() ? ready : null;
    return count;
  }

  /// Gets more plain text, or handles what is none; false at the end of the stream.
  private boolean decrypt() throws IOException {
    SSLEngineResult result;
    try {
      result = unwrap();
    } catch (SSLException e) {
      tellAlert();
      throw new TlsException("TLS: " + reason(e), e);
    }
    refuseRenegotiation(result);
    switch (result.getHandshakeStatus()) {
      case NEED_TASK -> runTasks();
      // An answer to a key update, or an alert.
      case NEED_WRAP -> {
        SSLEngineResult _ = wrap(ByteBuffer.allocate(0));
      }
      case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {}
    }
    return switch (result.getStatus()) {
      case OK, BUFFER_OVERFLOW -> true;
      case BUFFER_UNDERFLOW -> fill();
      case CLOSED -> false;
    };
  }

  /// Another handshake within a session (TLS 1.2) has no use for mail, and costs us many times what
  /// it costs a peer to ask. TLS 1.3 has none (RFC 8446 §4.1.2); what shakes hands there is an
  /// update of keys.
  private void refuseRenegotiation(SSLEngineResult result) throws TlsException {
    boolean shakes =
        switch (result.getHandshakeStatus()) {
          case NEED_TASK, NEED_WRAP, NEED_UNWRAP, NEED_UNWRAP_AGAIN -> true;
          case FINISHED, NOT_HANDSHAKING -> false;
        };
    if (shakes
        && result.getStatus() == SSLEngineResult.Status.OK
        && !details().protocol().equals("TLSv1.3")) {
      throw new TlsException("TLS: the peer wants to shake hands again");
    }
  }

  /// Decrypts a record. Most are small; room for the largest there could be is made for those only
  /// that need it.
  private SSLEngineResult unwrap() throws SSLException {
    ByteBuffer into = ByteBuffer.allocate(details.isPresent() ? SMALL_RECORD : 0);
    SSLEngineResult result = engine.unwrap(encrypted, into);
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      into = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
      result = engine.unwrap(encrypted, into);
      if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
        throw new SSLException("a record larger than any may be");
      }
    }
    if (into.position() > 0) {
      plain = into.flip();
    }
    return result;
  }

  /// Reads more of what is encrypted; false at the end of the stream.
  private boolean fill() throws IOException {
    int kept = encrypted.remaining();
    // A record that has begun needs room for all of it (RFC 8446 §5.2).
    int room = kept == 0 ? WAITING_OCTETS : engine.getSession().getPacketBufferSize();
    ByteBuffer more =
        encrypted.capacity() == room
            ? encrypted.compact()
            : ByteBuffer.allocate(room).put(encrypted);
    int read = below.read(more);
    encrypted = more.flip();
    return read > 0;
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      if (wrap(from).getStatus() == SSLEngineResult.Status.CLOSED) {
        throw new TlsException("TLS: the connection is closed");
      }
    }
  }

  private SSLEngineResult wrap(ByteBuffer from) throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    SSLEngineResult result;
    do {
      result = engine.wrap(from, packet);
      if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks();
      }
    } while (result.getStatus() == SSLEngineResult.Status.OK
        && from.hasRemaining()
        && packet.remaining() >= engine.getSession().getPacketBufferSize());
    if (packet.position() > 0) {
      below.write(packet.flip());
    }
    return result;
  }

  /// The peer should know what was wrong with what it sent.
  private void tellAlert() {
    try {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        SSLEngineResult _ = wrap(ByteBuffer.allocate(0));
      }
    } catch (IOException | RuntimeException _) {
      // The connection ends anyhow.
    }
  }

  @Override
  public void limit(Duration inactivity) {
    limit = inactivity;
    below.limit(inactivity);
  }

  @Override
  public boolean timedOut() {
    return late || below.timedOut();
  }

  @Override
  public void endInput() {
    below.endInput();
  }

  /// RFC 8446 §6.1: close_notify, without which the peer cannot tell an end from a cut.
  @Override
  public void farewell() {
    try {
      engine.closeOutbound();
      SSLEngineResult _ = wrap(ByteBuffer.allocate(0));
    } catch (IOException | RuntimeException _) {
      // The peer is gone.
    }
  }

  @Override
  public void finish() {
    farewell();
    below.finish();
    release();
  }

  @Override
  public InetSocketAddress remote() {
    return below.remote();
  }

  @Override
  public InetSocketAddress local() {
    return below.local();
  }

  @Override
  public void close() {
    below.close();
    release();
  }
}
