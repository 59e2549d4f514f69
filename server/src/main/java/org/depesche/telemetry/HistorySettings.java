package org.depesche.telemetry;

import java.time.Duration;

/// How much the history remembers; what is older or more is forgotten, oldest first.
///
/// @param keep how long
/// @param messages how many messages, 0 < n
/// @param refusals how many refusals, 0 < n
public record HistorySettings(Duration keep, long messages, long refusals) {

  public static final HistorySettings DEFAULT =
      new HistorySettings(Duration.ofDays(30), 1_000_000, 200_000);
}
