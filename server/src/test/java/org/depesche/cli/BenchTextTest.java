package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.depesche.load.IdleResult;
import org.depesche.load.IdleRun;
import org.depesche.load.Latency;
import org.depesche.load.LoadResult;
import org.depesche.load.LoadTally;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.Test;

class BenchTextTest {

  private static final Map<String, Latency> LATENCY = latency();

  private static Map<String, Latency> latency() {
    Map<String, Latency> latency = new LinkedHashMap<>();
    latency.put("connect", new Latency(20, 0.2, 0.123, 0.2, 0.456, 0.5, 0.999));
    latency.put("whole", new Latency(20_000, 9, 7.5, 12.34, 99.96, 123.4, 1234.5));
    return latency;
  }

  private static LoadResult result(
      long failed, List<LoadResult.Refusal> replies, List<LoadResult.Trouble> troubles) {
    return new LoadResult(
        20_000, 40_000, 1 << 24, 7.31, 2735.98, 2.19, 500, failed, 20, LATENCY, replies, troubles);
  }

  @Test
  void theTableHasARowForEverythingThatWasMeasured() {
    assertThat(BenchText.of(result(0, List.of(), List.of()), 0))
        .isEqualToNormalizingNewlines(
            """
            Accepted: 20000 messages for 40000 recipients over 20 connections in 7.3 s.
            Rate:     2736.0 messages/s, 2.19 MiB/s.
            Before:   500 messages to warm up, not counted.

                              count        p50        p90        p99      p99.9        max
            connect              20    0.12 ms    0.20 ms    0.46 ms    0.50 ms    1.00 ms
            whole             20000    7.50 ms    12.3 ms   100.0 ms     123 ms     1.23 s
            """);
  }

  @Test
  void reasonsStandBelowItWithTheServersWords() {
    assertThat(
            BenchText.of(
                result(
                    13,
                    List.of(new LoadResult.Refusal("RCPT", 550, 12, "550 5.1.1 no\u001b user")),
                    List.of(new LoadResult.Trouble("cannot connect: connection refused", 1))),
                3000))
        .contains("; due were 3000.0/s.")
        .endsWith(
            String.format(
                "%nNot accepted for everybody: 13 messages.%n"
                    + "%n   count  why%n"
                    + "      12  RCPT 550 5.1.1 no\\u001b user%n"
                    + "       1  cannot connect: connection refused%n"));
  }

  @Test
  void idleConnectionsAreCounted() {
    assertThat(BenchText.of(new IdleResult(100, 99, 98, 0.25, Map.of(), List.of(), List.of())))
        .isEqualToNormalizingNewlines(
            "Held: 99 of 100 connections for 250 ms; 98 stayed to the end.\n");
    assertThat(BenchText.of(new IdleRun.Progress(5, 1, false)))
        .isEqualTo("Opening: 5 connections, 1 failed");
    assertThat(BenchText.of(new IdleRun.Progress(5, 0, true))).isEqualTo("Holding 5 connections");
  }

  @Test
  void theLiveLineTellsTheRateSinceItWasLastShown() {
    ManualTime time = new ManualTime();
    long[] messages = {0};
    BenchProgress line =
        new BenchProgress(() -> new LoadTally.Progress(messages[0], 20, 3, 1.5, 25), time);

    time.advance(Duration.ofSeconds(2));
    messages[0] = 100;
    assertThat(line.get())
        .isEqualTo("2.0 s: 100 messages, 50/s, 20 in flight, 3 failed, p50 1.50 ms, p99 25.0 ms");
    time.advance(Duration.ofSeconds(1));
    messages[0] = 110;
    assertThat(line.get()).startsWith("3.0 s: 110 messages, 10/s, ");
  }
}
