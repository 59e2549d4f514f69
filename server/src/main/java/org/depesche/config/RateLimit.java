package org.depesche.config;

import java.time.Duration;
import java.util.Optional;

/// So much in a time: `500/1h`, `1GiB/1d`.
public record RateLimit(long amount, Duration per) {

  /// Reads `500/1h` and its like; empty when it is none, or nothing could ever happen under it.
  public static Optional<RateLimit> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    Optional<DataSize> amount = DataSize.parse(text.substring(0, slash));
    Optional<Duration> per = Durations.parse(text.substring(slash + 1));
    return amount.isPresent()
            && per.isPresent()
            && amount.get().bytes() > 0
            && per.get().toSeconds() > 0
        ? Optional.of(new RateLimit(amount.get().bytes(), per.get()))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return new DataSize(amount) + "/" + Durations.format(per);
  }
}
