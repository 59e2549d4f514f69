package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.depesche.time.Ticker;

/// Makes connections to servers and keeps their time limits.
public final class Connector implements AutoCloseable {

  private final Reaper reaper;

  public Connector(Ticker ticker) {
    this.reaper = new Reaper(ticker, Reaper.INTERVAL);
  }

  /// Begins to keep time limits.
  public void start() {
    reaper.start();
  }

  /// Connects.
  ///
  /// @param within how long to wait for the server to answer
  /// @throws IOException when it does not
  public Connection connect(InetSocketAddress to, Duration within) throws IOException {
    if (to.isUnresolved()) {
      throw new IOException("unknown host " + to.getHostString());
    }
    return SocketConnection.connect(to, within, reaper);
  }

  /// Connects to a Unix domain socket.
  ///
  /// @throws IOException when nobody listens there
  public Connection connect(Path socket) throws IOException {
    return SocketConnection.connect(socket, reaper);
  }

  /// Keeps no time limits any more; connections that are open stay so.
  @Override
  public void close() {
    reaper.close();
  }
}
