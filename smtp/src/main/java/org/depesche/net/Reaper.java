package org.depesche.net;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// Ends connections that are idle for longer than their limit. One thread looks at all of them once
/// a second.
public final class Reaper implements AutoCloseable {

  private static final Duration SWEEP = Duration.ofSeconds(1);

  /// What a session has for saying goodbye to a peer that does not read.
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Ticker ticker;
  private final Set<SocketConnection> watched = ConcurrentHashMap.newKeySet();
  private @Nullable Thread thread;
  private volatile boolean closed;

  public Reaper(Ticker ticker) {
    this.ticker = ticker;
  }

  /// Begins to look.
  public void start() {
    thread = Thread.ofPlatform().daemon().name("reaper").start(this::run);
  }

  long nanos() {
    return ticker.nanos();
  }

  void watch(SocketConnection connection) {
    watched.add(connection);
  }

  void forget(SocketConnection connection) {
    watched.remove(connection);
  }

  private void run() {
    while (!closed) {
      LockSupport.parkNanos(SWEEP.toNanos());
      sweep();
    }
  }

  /// One look at all connections.
  void sweep() {
    long now = ticker.nanos();
    for (SocketConnection connection : watched) {
      connection.reap(now, GRACE.toNanos());
    }
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      LockSupport.unpark(running);
    }
  }
}
