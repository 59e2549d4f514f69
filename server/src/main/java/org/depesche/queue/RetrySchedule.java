package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to try again (RFC 5321 §4.5.4.1).
///
/// @param waits the wait after the first, second, ... failed attempt; the last repeats
/// @param giveUpAfter how long after acceptance the last attempt may be made
public record RetrySchedule(List<Duration> waits, Duration giveUpAfter) {

  /// A wait is stretched by up to a tenth, so that what failed together does not come back
  /// together.
  private static final double JITTER = 0.1;

  public RetrySchedule {
    waits = List.copyOf(waits);
    if (waits.isEmpty()) {
      throw new IllegalArgumentException("a retry schedule has at least one wait");
    }
  }

  /// When the next attempt is due after `attempts` failed ones (at least 1). Empty when it is time
  /// to give up. The last attempt is made at the very end of the time, however long the wait would
  /// be.
  public Optional<Instant> next(
      int attempts, Instant receivedAt, Instant now, RandomGenerator random) {
    Instant end = receivedAt.plus(giveUpAfter);
    if (!now.isBefore(end)) {
      return Optional.empty();
    }
    Duration wait = waits.get(Math.min(attempts, waits.size()) - 1);
    Duration jitter = Duration.ofMillis((long) (wait.toMillis() * JITTER * random.nextDouble()));
    Instant next = now.plus(wait).plus(jitter);
    return Optional.of(next.isAfter(end) ? end : next);
  }
}
