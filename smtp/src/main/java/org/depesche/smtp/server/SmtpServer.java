package org.depesche.smtp.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.depesche.net.Connection;
import org.depesche.net.ConnectionHandler;
import org.depesche.net.ListenPlace;
import org.depesche.net.Listener;
import org.depesche.net.Reaper;
import org.depesche.time.Ticker;

/// A listener and its sessions.
public final class SmtpServer implements AutoCloseable {

  /// Connections the kernel keeps while we are busy accepting.
  private static final int BACKLOG = 1024;

  private volatile SmtpService service;
  private final Ticker ticker;
  private final Reaper reaper;
  private final Listener listener;
  private final Set<SmtpSession> sessions = ConcurrentHashMap.newKeySet();
  private final Object sessionEnded = new Object();
  private volatile boolean stopping;

  /// @param address where to listen; port 0 for any free one
  public SmtpServer(InetSocketAddress address, SmtpService service) {
    this(new ListenPlace.Tcp(address), service);
  }

  public SmtpServer(ListenPlace place, SmtpService service) {
    this.service = service;
    this.ticker = Ticker.system();
    this.reaper = new Reaper(ticker, Reaper.INTERVAL);
    this.listener = new Listener(place, BACKLOG, reaper, new Handler());
  }

  /// Changes what new sessions go by; those that are open go on as they began.
  public void service(SmtpService changed) {
    service = changed;
  }

  /// Begins to listen.
  public void start() throws IOException {
    listener.start();
    reaper.start();
  }

  /// Where it listens, once it has started.
  public InetSocketAddress localAddress() {
    return listener.localAddress();
  }

  /// How many sessions there are now.
  public int sessions() {
    return sessions.size();
  }

  /// Stops: accepts no more, tells idle sessions (421) and waits for transactions to end, then cuts
  /// what is left. May be called again from another thread to cut the wait short.
  ///
  /// @param patience how long to wait; zero for not at all
  public void stop(Duration patience) {
    stopping = true;
    listener.close();
    sessions.forEach(SmtpSession::stop);
    awaitSessions(patience);
    sessions.forEach(SmtpSession::cut);
    reaper.close();
  }

  /// Stops at once.
  @Override
  public void close() {
    stop(Duration.ZERO);
  }

  private void awaitSessions(Duration patience) {
    long deadline = ticker.nanos() + patience.toNanos();
    synchronized (sessionEnded) {
      try {
        while (!sessions.isEmpty()) {
          long millis = Duration.ofNanos(deadline - ticker.nanos()).toMillis();
          if (millis <= 0) {
            return;
          }
          sessionEnded.wait(millis);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Handler implements ConnectionHandler {

    @Override
    public void handle(Connection connection) {
      SmtpService current = service;
      if (sessions.size() >= current.settings().maxSessions()) {
        turnAway(current, connection);
        return;
      }
      SmtpSession session = current.session(connection);
      sessions.add(session);
      try {
        if (stopping) {
          session.stop();
        }
        session.run();
      } finally {
        sessions.remove(session);
        synchronized (sessionEnded) {
          sessionEnded.notifyAll();
        }
      }
    }

    private void turnAway(SmtpService current, Connection connection) {
      try {
        connection.write(ByteBuffer.wrap(current.wire(Replies.TOO_MANY_SESSIONS)));
        connection.finish();
      } catch (IOException _) {
        // The client is gone, as it should be.
      }
    }

    @Override
    public void acceptFailed(IOException cause) {
      service.receiver().acceptFailed(cause);
    }
  }
}
