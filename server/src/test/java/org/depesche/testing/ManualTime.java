package org.depesche.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.depesche.time.Ticker;

/// A clock that stands still until it is told to go on.
public final class ManualTime implements InstantSource, Ticker {

  private Instant now;
  private long nanos;

  public ManualTime(Instant start) {
    now = start;
  }

  public ManualTime() {
    this(Instant.parse("2026-03-01T12:00:00Z"));
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  public synchronized void advance(Duration by) {
    now = now.plus(by);
    nanos += by.toNanos();
  }
}
