package org.depesche.load;

/// How long something took, in milliseconds.
///
/// @param count how often it was measured; all else is 0 when that is 0
public record Latency(
    long count,
    double meanMs,
    double p50Ms,
    double p90Ms,
    double p99Ms,
    double p999Ms,
    double maxMs) {

  static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0, 0);
}
