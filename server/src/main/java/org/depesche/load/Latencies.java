package org.depesche.load;

import org.HdrHistogram.Histogram;

/// How long one thing took each time. Used by many threads.
final class Latencies {

  /// Values keep three digits.
  private static final int DIGITS = 3;

  private static final double NANOS_PER_MILLI = 1e6;

  private final Histogram nanos = new Histogram(DIGITS);

  Latencies() {
    nanos.setAutoResize(true);
  }

  synchronized void add(long took) {
    nanos.recordValue(Math.max(0, took));
  }

  synchronized Latency summary() {
    return new Latency(
        nanos.getTotalCount(),
        nanos.getMean() / NANOS_PER_MILLI,
        at(50),
        at(90),
        at(99),
        at(99.9),
        nanos.getMaxValue() / NANOS_PER_MILLI);
  }

  /// The time that so many percent took at most, in milliseconds.
  synchronized double at(double percent) {
    return nanos.getTotalCount() == 0 ? 0 : nanos.getValueAtPercentile(percent) / NANOS_PER_MILLI;
  }
}
