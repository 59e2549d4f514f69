package org.depesche.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.depesche.load.LoadTally;
import org.depesche.time.Ticker;

/// The live line of a run: the rate since it was last shown, and all that came before.
final class BenchProgress implements Supplier<String> {

  private final Supplier<LoadTally.Progress> progress;
  private final Ticker ticker;
  private final long start;
  private long shownMessages;
  private long shownAt;

  BenchProgress(Supplier<LoadTally.Progress> progress, Ticker ticker) {
    this.progress = progress;
    this.ticker = ticker;
    this.start = ticker.nanos();
    this.shownAt = start;
  }

  @Override
  public synchronized String get() {
    LoadTally.Progress now = progress.get();
    long at = ticker.nanos();
    double rate = (now.messages() - shownMessages) * 1e9 / Math.max(1, at - shownAt);
    shownMessages = now.messages();
    shownAt = at;
    return String.format(
        Locale.ROOT,
        "%s: %s, %.0f/s, %d in flight, %d failed, p50 %s, p99 %s",
        Plain.duration(Duration.ofNanos(at - start)),
        Plain.count(now.messages(), "message"),
        rate,
        now.inFlight(),
        now.failed(),
        BenchText.millis(now.p50Ms()),
        BenchText.millis(now.p99Ms()));
  }
}
