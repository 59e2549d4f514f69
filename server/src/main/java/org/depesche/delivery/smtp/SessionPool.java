package org.depesche.delivery.smtp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.routing.Route;
import org.depesche.time.Ticker;

/// Sessions that are open and have nothing to do, kept a short while for the next message to the
/// same destination. Safe for use by many threads.
final class SessionPool {

  private final Ticker ticker;
  private final int most;
  private final long idleNanos;
  private final Map<Route, ArrayDeque<OpenSession>> idle = new HashMap<>();
  private int size;
  private boolean closed;

  /// @param most sessions kept in all
  /// @param idle how long a session is kept
  SessionPool(Ticker ticker, int most, Duration idle) {
    this.ticker = ticker;
    this.most = most;
    this.idleNanos = idle.toNanos();
  }

  /// The session used last, which is the one most likely to be alive.
  synchronized Optional<OpenSession> take(Route route) {
    ArrayDeque<OpenSession> sessions = idle.get(route);
    if (sessions == null) {
      return Optional.empty();
    }
    OpenSession session = sessions.removeLast();
    size--;
    if (sessions.isEmpty()) {
      idle.remove(route);
    }
    return Optional.of(session);
  }

  /// Keeps a session; false when there is no room.
  synchronized boolean put(Route route, OpenSession session) {
    if (closed || size >= most) {
      return false;
    }
    idle.computeIfAbsent(route, _ -> new ArrayDeque<>(2)).addLast(session);
    size++;
    return true;
  }

  /// Takes out the sessions that nobody has used for too long; to be said good-bye to.
  synchronized List<OpenSession> takeExpired() {
    long now = ticker.nanos();
    List<OpenSession> expired = new ArrayList<>();
    idle.values()
        .removeIf(
            sessions -> {
              while (!sessions.isEmpty()
                  && (closed || now - sessions.getFirst().idleSinceNanos() >= idleNanos)) {
                expired.add(sessions.removeFirst());
              }
              return sessions.isEmpty();
            });
    size -= expired.size();
    return expired;
  }

  synchronized void close() {
    closed = true;
  }
}
