package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// A TCP connection over a blocking channel, meant for a virtual thread: waiting costs no thread.
/// Time limits are kept by the reaper, because a timed read costs much more than one that is ended
/// from outside.
public final class SocketConnection implements Connection {

  private final SocketChannel channel;
  private final Reaper reaper;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile long lastActivity;
  private volatile long limitNanos = Long.MAX_VALUE;
  private volatile boolean timedOut;

  /// Takes over a connected channel.
  ///
  /// @throws IOException when the peer has gone already
  public SocketConnection(SocketChannel channel, Reaper reaper) throws IOException {
    this.channel = channel;
    this.reaper = reaper;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (!(channel.getRemoteAddress() instanceof InetSocketAddress peer)
        || !(channel.getLocalAddress() instanceof InetSocketAddress own)) {
      throw new IOException("not connected");
    }
    this.remote = peer;
    this.local = own;
    this.lastActivity = reaper.nanos();
    reaper.watch(this);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    try {
      int read = channel.read(into);
      lastActivity = reaper.nanos();
      return read;
    } catch (ClosedChannelException e) {
      return -1;
    }
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
      lastActivity = reaper.nanos();
    }
  }

  @Override
  public void limit(Duration inactivity) {
    limitNanos = inactivity.toNanos();
    lastActivity = reaper.nanos();
  }

  @Override
  public boolean timedOut() {
    return timedOut;
  }

  @Override
  public void endOutput() {
    try {
      channel.shutdownOutput();
    } catch (IOException e) {
      // It is closed or broken, so that nothing can be written anyway.
    }
  }

  @Override
  public void wake() {
    try {
      channel.shutdownInput();
    } catch (IOException e) {
      // It is closed or broken, so that nobody waits on it.
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
    if (closed.compareAndSet(false, true)) {
      reaper.forget(this);
      try {
        channel.close();
      } catch (IOException e) {
        // The descriptor is gone all the same.
      }
    }
  }

  /// Ends the connection if it has been idle for too long: its input first, so that its session can
  /// say why; if that session cannot get a word out within `grace`, all of it.
  void reap(long now, long graceNanos) {
    long idle = now - lastActivity;
    long limit = limitNanos;
    if (idle < limit) {
      return;
    }
    if (!timedOut) {
      timedOut = true;
      wake();
    } else if (idle - limit > graceNanos) {
      close();
    }
  }
}
