package org.depesche.tls.acme;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// When to ask the authority next. Knows no clock and no thread.
final class Renewal {

  /// A certificate is renewed when less than this part of its life is left.
  private static final int LEFT = 3;

  private static final Duration FIRST_WAIT = Duration.ofMinutes(5);
  private static final Duration LONGEST_WAIT = Duration.ofHours(6);

  /// An authority that sends us away for longer is asked again nevertheless.
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(7);

  private static final int DOUBLINGS = 10;

  private final RandomGenerator random;
  private Instant next;
  private Instant floor = Instant.MIN;
  private int failures;

  /// Due at once.
  Renewal(Instant now, RandomGenerator random) {
    this.next = now;
    this.random = random;
  }

  Instant next() {
    return next;
  }

  boolean isDue(Instant now) {
    return !next.isAfter(now);
  }

  /// There is a certificate with this life; nothing to do until the last third of it.
  void holds(Instant from, Instant until) {
    next = until.minus(Duration.between(from, until).dividedBy(LEFT));
    floor = Instant.MIN;
    failures = 0;
  }

  /// A certificate has been obtained. One that is due again at once counts as a failure, so that an
  /// authority with a wrong clock is not asked without end.
  void obtained(Instant from, Instant until, Instant now) {
    int before = failures;
    holds(from, until);
    if (isDue(now)) {
      failures = before;
      failed(now, Optional.empty());
    }
  }

  /// The waits double, with up to half of each on top so that many servers do not come together.
  ///
  /// @param notBefore when the authority will hear us again, where it says so
  void failed(Instant now, Optional<Instant> notBefore) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(failures, DOUBLINGS));
    if (wait.compareTo(LONGEST_WAIT) > 0) {
      wait = LONGEST_WAIT;
    }
    failures++;
    Instant latest = now.plus(LONGEST_RETRY_AFTER);
    // RFC 8555 §6.6: Retry-After of a rate limit.
    floor = notBefore.filter(n -> n.isBefore(latest)).orElse(notBefore.isPresent() ? latest : now);
    next = now.plus(wait).plusMillis(random.nextLong(wait.toMillis() / 2));
    if (next.isBefore(floor)) {
      next = floor;
    }
  }

  /// Somebody has mended what may have been wrong: what waits for its turn has it now, but never
  /// before the time the authority has named.
  void hurry(Instant now) {
    if (failures > 0) {
      next = floor.isAfter(now) ? floor : now;
    }
  }
}
