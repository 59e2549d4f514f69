package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to try again (RFC 5321 §4.5.4.1).
///
/// @param waits the wait after the first, second, ... failed attempt; the last repeats
/// @param giveUpAfter how long after acceptance the last attempt may be made
/// @param warnAfter how long after acceptance the sender is told that it is not delivered yet; zero
///   for never
public record RetrySchedule(List<Duration> waits, Duration giveUpAfter, Duration warnAfter) {

  /// A wait is stretched by up to a tenth, so that what failed together does not come back
  /// together.
  private static final double JITTER = 0.1;

  public RetrySchedule {
    waits = List.copyOf(waits);
    if (waits.isEmpty()) {
      throw new IllegalArgumentException("a retry schedule has at least one wait");
    }
  }

  /// When the next attempt is due after `attempts` failed ones; none may have been made, when the
  /// destination took nothing at all. Empty when it is time to give up. An attempt is made at the
  /// moment of the warning, so that it tells of something fresh, and the last one at the very end
  /// of the time, however long the wait would be.
  public Optional<Instant> next(
      int attempts, Instant receivedAt, Instant now, RandomGenerator random) {
    Instant end = receivedAt.plus(giveUpAfter);
    if (!now.isBefore(end)) {
      return Optional.empty();
    }
    Duration wait = waits.get(Math.clamp(attempts, 1, waits.size()) - 1);
    Duration jitter = Duration.ofMillis((long) (wait.toMillis() * JITTER * random.nextDouble()));
    Instant next = now.plus(wait).plus(jitter);
    Instant warning = receivedAt.plus(warnAfter);
    if (now.isBefore(warning) && next.isAfter(warning)) {
      next = warning;
    }
    return Optional.of(next.isAfter(end) ? end : next);
  }

  /// The longest wait between two attempts.
  Duration longest() {
    Duration longest = Collections.max(waits);
    return longest.plusMillis((long) (longest.toMillis() * JITTER));
  }

  /// True when the sender should hear that it takes longer.
  boolean warningIsDue(Instant receivedAt, Instant now) {
    return !warnAfter.isZero() && !now.isBefore(receivedAt.plus(warnAfter));
  }

  /// When the sender of a message has to hear something next: that it takes longer, or that it was
  /// given up.
  Instant deadline(Instant receivedAt, boolean warned) {
    boolean warn = !warned && !warnAfter.isZero() && warnAfter.compareTo(giveUpAfter) < 0;
    return receivedAt.plus(warn ? warnAfter : giveUpAfter);
  }

  /// How long a destination that failed as a whole is left alone.
  Duration holdBack(int failures) {
    return waits.get(Math.min(failures, waits.size()) - 1);
  }

  /// When the last attempt is made.
  Instant end(Instant receivedAt) {
    return receivedAt.plus(giveUpAfter);
  }
}
