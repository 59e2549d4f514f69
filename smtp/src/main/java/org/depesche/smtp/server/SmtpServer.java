package org.depesche.smtp.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.depesche.net.Connection;
import org.depesche.net.Listener;
import org.depesche.net.Reaper;
import org.depesche.time.Ticker;

/// An SMTP server at one address: a listener and its sessions.
public final class SmtpServer implements AutoCloseable {

  private static final int BACKLOG = 1_024;

  private final Supplier<SessionSettings> settings;
  private final Receiver receiver;
  private final InstantSource clock;
  private final Ticker ticker;
  private final Reaper reaper;
  private final Listener listener;
  private final Set<SmtpSession> sessions = ConcurrentHashMap.newKeySet();
  private final AtomicLong sequence;
  private final Object ended = new Object();
  private volatile boolean stopping;

  /// @param settings asked at the beginning of each session
  public SmtpServer(
      InetSocketAddress address,
      Supplier<SessionSettings> settings,
      Receiver receiver,
      InstantSource clock,
      Ticker ticker) {
    this.settings = settings;
    this.receiver = receiver;
    this.clock = clock;
    this.ticker = ticker;
    this.reaper = new Reaper(ticker);
    this.listener = new Listener(address, BACKLOG, reaper, this::serve);
    this.sequence = new AtomicLong(clock.millis() << 12);
  }

  /// A server with default settings and the machine's clocks; for embedding.
  public SmtpServer(InetSocketAddress address, String hostname, Receiver receiver) {
    this(
        address,
        () -> SessionSettings.defaults(hostname),
        receiver,
        InstantSource.system(),
        Ticker.system());
  }

  /// Begins to listen.
  ///
  /// @throws IOException when the address cannot be had
  public void start() throws IOException {
    listener.start();
    reaper.start();
  }

  /// Where it listens, with the port the system chose.
  public InetSocketAddress localAddress() throws IOException {
    return listener.localAddress();
  }

  /// Sessions that are open.
  public int sessions() {
    return sessions.size();
  }

  private void serve(Connection connection) {
    String id = Long.toString(sequence.incrementAndGet(), 36);
    SmtpSession session = new SmtpSession(connection, id, settings.get(), receiver, clock);
    sessions.add(session);
    try {
      if (stopping) {
        session.stop();
      }
      session.run();
    } finally {
      sessions.remove(session);
      synchronized (ended) {
        ended.notifyAll();
      }
    }
  }

  /// Stops: accepts nobody, ends idle sessions at once, lets open transactions finish within
  /// `bound`, then cuts what is left. Returns when no session is open.
  public void stop(Duration bound) throws InterruptedException {
    stopping = true;
    listener.close();
    sessions.forEach(SmtpSession::stop);
    if (!await(bound)) {
      sessions.forEach(SmtpSession::abort);
      await(Duration.ofSeconds(5));
    }
    reaper.close();
  }

  /// Waits for the last session to end; false when it did not within `bound`.
  private boolean await(Duration bound) throws InterruptedException {
    long end = ticker.nanos() + bound.toNanos();
    synchronized (ended) {
      while (!sessions.isEmpty()) {
        long left = Duration.ofNanos(end - ticker.nanos()).toMillis();
        if (left <= 0) {
          return false;
        }
        ended.wait(left);
      }
    }
    return true;
  }

  /// Stops at once: open transactions are lost to their senders, who keep them.
  @Override
  public void close() {
    try {
      stop(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
