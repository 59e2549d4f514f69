package org.depesche.time;

/// Elapsed time in nanoseconds from an arbitrary origin; compare by difference only.
@FunctionalInterface
public interface Ticker {

  long nanos();

  /// The machine's monotonic clock.
  static Ticker system() {
    return System::nanoTime;
  }
}
