package org.depesche.tls.acme;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.depesche.net.Connection;
import org.depesche.net.ConnectionHandler;
import org.depesche.net.Listener;
import org.depesche.net.Reaper;

/// Where the authority comes to look, open only while it is asked for a certificate. Whoever else
/// comes gets nothing from it, and holds up nobody.
final class ChallengeServer implements AutoCloseable {

  /// An authority looks from a handful of places at once.
  private static final int CONNECTIONS = 64;

  private static final int BACKLOG = 64;
  private static final Duration INACTIVITY = Duration.ofSeconds(10);

  /// What is said over one connection.
  interface Dialogue {
    void hold(Connection connection) throws IOException;
  }

  private final List<Listener> listeners = new ArrayList<>();
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final Reaper reaper;

  private ChallengeServer(Reaper reaper) {
    this.reaper = reaper;
  }

  /// Begins to listen.
  ///
  /// @throws IOException when an address cannot be had; the message names it
  static ChallengeServer open(List<InetSocketAddress> addresses, Dialogue dialogue)
      throws IOException {
    ChallengeServer server = new ChallengeServer(Reaper.started());
    for (InetSocketAddress address : addresses) {
      Listener listener =
          new Listener(address, BACKLOG, server.reaper, server.new Guests(dialogue));
      try {
        listener.start();
      } catch (IOException | RuntimeException e) {
        server.close();
        throw new IOException(
            "the challenge listener cannot have " + address + ": " + e.getMessage(), e);
      }
      server.listeners.add(listener);
    }
    return server;
  }

  /// Where it listens, with the ports the system chose.
  List<InetSocketAddress> addresses() {
    return listeners.stream().map(Listener::localAddress).toList();
  }

  @Override
  public void close() {
    listeners.forEach(Listener::close);
    open.forEach(Connection::close);
    reaper.close();
  }

  /// Those who come.
  private final class Guests implements ConnectionHandler {

    private final Dialogue dialogue;

    private Guests(Dialogue dialogue) {
      this.dialogue = dialogue;
    }

    @Override
    public void handle(Connection connection) {
      if (open.size() >= CONNECTIONS) {
        return;
      }
      open.add(connection);
      try {
        connection.limit(INACTIVITY);
        dialogue.hold(connection);
      } catch (IOException _) {
        // What it means that somebody did not get his answer is for the authority to say.
      } finally {
        open.remove(connection);
      }
    }

    @Override
    public void acceptFailed(IOException cause) {
      // The authority will not have found us, and say so.
    }
  }
}
