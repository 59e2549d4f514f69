package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Accepts connections at an address and gives each to a handler on a virtual thread of its own.
public final class Listener implements AutoCloseable {

  /// How long accepting pauses when it fails, typically because no file descriptor is left. What
  /// ends meanwhile frees some.
  private static final long PAUSE_NANOS = 50_000_000;

  private final InetSocketAddress wanted;
  private final int backlog;
  private final Reaper reaper;
  private final Consumer<Connection> handler;
  private final ThreadFactory threads;
  private @Nullable ServerSocketChannel channel;

  /// @param backlog connections the system holds before they are accepted
  /// @param reaper watches over the connections
  /// @param handler runs on the connection's own thread and closes the connection
  public Listener(
      InetSocketAddress address, int backlog, Reaper reaper, Consumer<Connection> handler) {
    this.wanted = address;
    this.backlog = backlog;
    this.reaper = reaper;
    this.handler = handler;
    this.threads = Thread.ofVirtual().name("session-", 0).factory();
  }

  /// Binds the address and begins to accept.
  ///
  /// @throws IOException when the address cannot be had
  public void start() throws IOException {
    ServerSocketChannel opened = ServerSocketChannel.open();
    try {
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(wanted, backlog);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
    channel = opened;
    Thread.ofPlatform().name("accept-" + localAddress().getPort()).start(() -> accept(opened));
  }

  /// Where it listens, with the port the system chose.
  public InetSocketAddress localAddress() throws IOException {
    ServerSocketChannel opened = channel;
    if (opened == null || !(opened.getLocalAddress() instanceof InetSocketAddress address)) {
      throw new IOException("not listening");
    }
    return address;
  }

  private void accept(ServerSocketChannel from) {
    while (from.isOpen()) {
      try {
        SocketChannel accepted = from.accept();
        try {
          Connection connection = new SocketConnection(accepted, reaper);
          threads.newThread(() -> handler.accept(connection)).start();
        } catch (IOException e) {
          // The client has gone before we looked at it.
          accepted.close();
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /// Stops accepting. Connections that are there stay.
  @Override
  public void close() {
    ServerSocketChannel opened = channel;
    if (opened != null) {
      try {
        opened.close();
      } catch (IOException e) {
        // Nothing is accepted any more, which is all that was wanted.
      }
    }
  }
}
