package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Accepts connections at one address or socket of this machine, on one platform thread, and hands
/// each to a virtual thread.
public final class Listener implements AutoCloseable {

  /// How long to wait after a failed accept: long enough not to spin when file descriptors have run
  /// out, short enough to be back as soon as some are free.
  private static final long PAUSE_MILLIS = 100;

  /// How long closing waits for the accepting thread, which has nothing to do but to wake up.
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final ListenPlace place;
  private final Optional<SocketFile> socketFile;
  private final int backlog;
  private final Reaper reaper;
  private final ConnectionHandler handler;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable ServerSocketChannel server; // null before start
  private @Nullable Thread accepting; // null before start

  /// Listens at a TCP address.
  ///
  /// @param address where to listen; port 0 for any free one
  /// @param backlog how many connections the kernel may keep waiting for us
  public Listener(
      InetSocketAddress address, int backlog, Reaper reaper, ConnectionHandler handler) {
    this(new ListenPlace.Tcp(address), backlog, reaper, handler);
  }

  /// @param backlog how many connections the kernel may keep waiting for us
  public Listener(ListenPlace place, int backlog, Reaper reaper, ConnectionHandler handler) {
    this.place = place;
    this.socketFile =
        place instanceof ListenPlace.Unix unix
            ? Optional.of(new SocketFile(unix))
            : Optional.empty();
    this.backlog = backlog;
    this.reaper = reaper;
    this.handler = handler;
  }

  /// Binds the address and begins to accept.
  public synchronized void start() throws IOException {
    ServerSocketChannel channel = bound();
    server = channel;
    accepting =
        Thread.ofPlatform()
            .name("listener-" + localAddress().getPort())
            .start(() -> acceptUntilClosed(channel));
  }

  private ServerSocketChannel bound() throws IOException {
    return switch (place) {
      case ListenPlace.Tcp(InetSocketAddress address) -> bound(address);
      case ListenPlace.Unix _ -> socketFile.orElseThrow().bind(backlog);
    };
  }

  private ServerSocketChannel bound(InetSocketAddress address) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(address, backlog);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /// Where it really listens, once it has started. A socket of this machine has the loopback
  /// address and no port, as its connections have.
  public synchronized InetSocketAddress localAddress() {
    ServerSocketChannel channel = server;
    if (channel == null) {
      throw new IllegalStateException("the listener has not started");
    }
    return socketFile.isPresent()
        ? SocketConnection.HERE
        : (InetSocketAddress) channel.socket().getLocalSocketAddress();
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
      // A peer that finds the file is not to find nobody behind it.
      if (socketFile.isPresent()) {
        socketFile.get().remove();
      }
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
      connection =
          socketFile.isPresent()
              ? SocketConnection.ofUnix(accepted, reaper)
              : new SocketConnection(accepted, reaper);
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
