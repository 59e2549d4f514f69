package org.depesche.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/// A connection by TCP, or by a socket of this machine, with an inactivity limit that the reaper
/// enforces.
///
/// The limit runs only while we wait for the peer, never while the owner of the connection is busy
/// itself: a message that takes long to store must not cost its own reply.
public final class SocketConnection implements Connection {

  /// How long a connection may last. It bounds what a peer can do that always says just enough not
  /// to be silent.
  static final Duration MAX_AGE = Duration.ofHours(24);

  /// How long a peer that has passed its limit may take to accept our last words.
  private static final Duration GRACE = Duration.ofSeconds(10);

  /// How long and how much `finish` waits for the peer to close.
  private static final Duration LINGER = Duration.ofSeconds(2);

  private static final int LINGER_OCTETS = 1 << 20;
  private static final long NOT_WAITING = 0;

  /// Both ends of a connection over a socket of this machine.
  static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final SocketChannel channel;
  private final Reaper reaper;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final boolean unix;
  private final long bornAt;
  private volatile long limitNanos = Duration.ofMinutes(5).toNanos();
  private volatile long waitingSince = NOT_WAITING;
  private volatile boolean timedOut;

  SocketConnection(SocketChannel channel, Reaper reaper) throws IOException {
    this(
        channel,
        reaper,
        (InetSocketAddress) channel.getRemoteAddress(),
        (InetSocketAddress) channel.getLocalAddress(),
        false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  private SocketConnection(
      SocketChannel channel,
      Reaper reaper,
      InetSocketAddress remote,
      InetSocketAddress local,
      boolean unix) {
    this.channel = channel;
    this.reaper = reaper;
    this.remote = remote;
    this.local = local;
    this.unix = unix;
    this.bornAt = reaper.now();
    reaper.watch(this);
  }

  /// Connects to a socket of this machine. Both ends have the loopback address, without a port.
  static SocketConnection connect(Path socket, Reaper reaper) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return ofUnix(channel, reaper);
  }

  /// A connection over a socket of this machine.
  static SocketConnection ofUnix(SocketChannel channel, Reaper reaper) {
    return new SocketConnection(channel, reaper, HERE, HERE, true);
  }

  /// Connects to a peer.
  ///
  /// @param from the local end; port 0 for any, the wildcard address for any
  /// @param within how long to wait for the peer to answer
  public static SocketConnection connect(
      InetSocketAddress to, InetSocketAddress from, Duration within, Reaper reaper)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      if (from.getPort() != 0 || !from.getAddress().isAnyLocalAddress()) {
        channel.bind(from);
      }
      channel.socket().connect(to, Math.toIntExact(Math.max(1, within.toMillis())));
      return new SocketConnection(channel, reaper);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Connects to a peer from any local address.
  public static SocketConnection connect(InetSocketAddress to, Duration within, Reaper reaper)
      throws IOException {
    return connect(to, new InetSocketAddress(0), within, reaper);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    waitingSince = mark();
    try {
      return channel.read(into);
    } finally {
      waitingSince = NOT_WAITING;
    }
  }

  /// The socket of a channel is the only way to a read that ends by time and leaves the channel as
  /// it is. It parks a virtual thread.
  @Override
  public int readWithin(ByteBuffer into, Duration time) throws IOException {
    if (unix) {
      return 0;
    }
    Socket socket = channel.socket();
    if (socket.isInputShutdown()) {
      return -1;
    }
    byte[] octets = new byte[into.remaining()];
    waitingSince = mark();
    try {
      socket.setSoTimeout(Math.toIntExact(Math.max(1, time.toMillis())));
      int n = socket.getInputStream().read(octets);
      if (n > 0) {
        into.put(octets, 0, n);
      }
      return n;
    } catch (SocketTimeoutException _) {
      return 0;
    } finally {
      waitingSince = NOT_WAITING;
    }
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    try {
      while (from.hasRemaining()) {
        waitingSince = mark();
        channel.write(from);
      }
    } finally {
      waitingSince = NOT_WAITING;
    }
  }

  @Override
  public void limit(Duration inactivity) {
    limitNanos = inactivity.toNanos();
  }

  @Override
  public boolean timedOut() {
    return timedOut;
  }

  @Override
  public void endInput() {
    try {
      channel.shutdownInput();
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void acknowledge() {
    try {
      if (channel.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK)) {
        channel.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
      }
    } catch (IOException _) {
      // It would only have been sooner.
    }
  }

  /// Closing a socket with unread input makes the kernel send RST, which may destroy our last reply
  /// on its way. So our side ends first, and what the peer still sends is read and dropped.
  @Override
  public void finish() {
    try {
      limit(LINGER);
      channel.shutdownOutput();
      ByteBuffer dropped = ByteBuffer.allocate(4096);
      long deadline = reaper.now() + LINGER.toNanos();
      int octets = 0;
      int n = 0;
      while (n >= 0 && octets < LINGER_OCTETS && deadline - reaper.now() > 0) {
        n = read(dropped.clear());
        octets += n;
      }
    } catch (IOException _) {
      // The peer is gone, which is all we were waiting for.
    } finally {
      close();
    }
  }

  @Override
  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public InetSocketAddress local() {
    return local;
  }

  @Override
  public void close() {
    reaper.forget(this);
    try {
      channel.close();
    } catch (IOException _) {
      // Nothing can be done about a socket that does not close, and nobody waits for it.
    }
  }

  /// Called by the reaper. First the input ends, so that a waiting reader wakes up and can still
  /// say why; a peer that does not even take that is cut off.
  void expire(long now) {
    long since = waitingSince;
    if (since == NOT_WAITING) {
      return;
    }
    long waited = now - since;
    boolean tooOld = now - bornAt >= MAX_AGE.toNanos();
    if (!timedOut && (tooOld || waited >= limitNanos)) {
      timedOut = true;
      endInput();
    } else if (timedOut && waited >= Math.min(limitNanos, GRACE.toNanos())) {
      close();
    }
  }

  /// Now, as a value that is never NOT_WAITING.
  private long mark() {
    return reaper.now() | 1;
  }
}
