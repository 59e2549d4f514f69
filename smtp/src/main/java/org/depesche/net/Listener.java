package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Accepts TCP connections at one address, on one platform thread, and hands each to a virtual
/// thread.
public final class Listener implements AutoCloseable {

  /// How long to wait after a failed accept: long enough not to spin when file descriptors have run
  /// out, short enough to be back as soon as some are free.
  private static final long PAUSE_MILLIS = 100;

  /// How long closing waits for the accepting thread, which has nothing to do but to wake up.
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final InetSocketAddress address;
  private final int backlog;
  private final Reaper reaper;
  private final ConnectionHandler handler;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable ServerSocketChannel server; // null before start
  private @Nullable Thread accepting; // null before start

  /// @param address where to listen; port 0 for any free one
  /// @param backlog how many connections the kernel may keep waiting for us
  public Listener(
      InetSocketAddress address, int backlog, Reaper reaper, ConnectionHandler handler) {
    this.address = address;
    this.backlog = backlog;
    this.reaper = reaper;
    this.handler = handler;
  }

  /// Binds the address and begins to accept.
  public synchronized void start() throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, backlog);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    server = channel;
    accepting =
        Thread.ofPlatform()
            .name("listener-" + localAddress().getPort())
            .start(() -> acceptUntilClosed(channel));
  }

  /// Where it really listens, once it has started.
  public synchronized InetSocketAddress localAddress() {
    ServerSocketChannel channel = server;
    if (channel == null) {
      throw new IllegalStateException("the listener has not started");
    }
    return (InetSocketAddress) channel.socket().getLocalSocketAddress();
  }

  /// Accepts no more; connections that are open live on.
  @Override
  public synchronized void close() {
    closed.countDown();
    ServerSocketChannel channel = server;
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      handler.acceptFailed(e);
    }
    awaitAccepting();
  }

  /// The port is free only when the accepting thread has let go of it.
  private synchronized void awaitAccepting() {
    Thread thread = accepting;
    if (thread == null) {
      return;
    }
    try {
      thread.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptUntilClosed(ServerSocketChannel channel) {
    while (channel.isOpen()) {
      try {
        serve(channel.accept());
      } catch (AsynchronousCloseException _) {
        return;
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException e) {
        handler.acceptFailed(e);
        if (closedWithinPause()) {
          return;
        }
      }
    }
  }

  private void serve(SocketChannel accepted) throws IOException {
    Connection connection;
    try {
      connection = new SocketConnection(accepted, reaper);
    } catch (IOException e) {
      // The peer was gone before we looked: its business, not a fault of accepting.
      accepted.close();
      return;
    }
    Thread.startVirtualThread(
        () -> {
          try (connection) {
            handler.handle(connection);
          }
        });
  }

  private boolean closedWithinPause() {
    try {
      return closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
