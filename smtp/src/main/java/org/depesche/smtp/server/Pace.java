package org.depesche.smtp.server;

import java.util.Optional;

/// How fast a client sends content. Only the time counts that we have waited for it, so that our
/// own slowness is never its fault.
final class Pace {

  private final Optional<DataRate> least;
  private long waitedNanos;
  private double octets;

  /// @param least what is enough; empty where everything is
  Pace(Optional<DataRate> least) {
    this.least = least;
  }

  /// Counts a piece of content and how long it was waited for; false when the client is too slow.
  /// That shows at the end of a window, which is as long as the rate's, or as the wait that went
  /// beyond it.
  boolean isKept(long nanos, int piece) {
    if (least.isEmpty()) {
      return true;
    }
    DataRate rate = least.get();
    waitedNanos += nanos;
    octets += piece;
    double windows = (double) waitedNanos / rate.per().toNanos();
    if (windows < 1) {
      return true;
    }
    boolean enough = octets >= rate.octets() * windows;
    waitedNanos = 0;
    octets = 0;
    return enough;
  }
}
