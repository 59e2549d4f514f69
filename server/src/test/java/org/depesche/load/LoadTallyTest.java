package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;

class LoadTallyTest {

  private final LoadTally tally = new LoadTally();

  private static long ms(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private void accepted(long dueMs, long sentMs, long answeredMs) {
    tally.accepted(
        new Schedule.Turn(0, ms(dueMs), true), 1, 1 << 20, ms(answeredMs - sentMs), ms(answeredMs));
  }

  @Test
  void theRateIsFromTheFirstMessageDueToTheLastAnswer() {
    accepted(1500, 1500, 1600);
    accepted(1000, 1100, 3000);

    LoadResult result = tally.result();

    assertThat(result.seconds()).isEqualTo(2);
    assertThat(result.messagesPerSecond()).isEqualTo(1);
    assertThat(result.mebibytesPerSecond()).isEqualTo(1);
  }

  @Test
  void theWholeIsFromTheMomentItWasDueAndTheTransactionFromTheMomentItBegan() {
    accepted(0, 900, 1000);

    LoadResult result = tally.result();

    assertThat(result.latency().keySet()).containsExactly("transaction", "whole");
    assertThat(result.latencyOf(Measure.TRANSACTION).maxMs()).isBetween(99.9, 100.1);
    assertThat(result.latencyOf(Measure.WHOLE).maxMs()).isBetween(999.0, 1001.0);
  }

  @Test
  void percentilesAreThoseOfWhatWasMeasured() {
    for (int i = 1; i <= 1000; i++) {
      accepted(0, 0, i);
    }

    Latency whole = tally.result().latencyOf(Measure.WHOLE);

    assertThat(whole.count()).isEqualTo(1000);
    assertThat(whole.p50Ms()).isBetween(499.0, 501.0);
    assertThat(whole.p90Ms()).isBetween(899.0, 901.0);
    assertThat(whole.p99Ms()).isBetween(989.0, 991.0);
    assertThat(whole.p999Ms()).isBetween(998.0, 1000.0);
    assertThat(tally.progress().p99Ms()).isEqualTo(whole.p99Ms());
  }

  @Test
  void whatWarmsUpIsNotCounted() {
    tally.accepted(new Schedule.Turn(0, 0, false), 1, 100, 5, 5);

    LoadResult result = tally.result();

    assertThat(result.warmUp()).isEqualTo(1);
    assertThat(result.messages()).isZero();
    assertThat(result.latency()).isEmpty();
    assertThat(result.messagesPerSecond()).isZero();
  }

  @Test
  void repliesAreToldApartByPlaceAndCodeTheMostFrequentFirst() {
    tally.refused("RCPT", Reply.of(550, "5.1.1", "no such user a"));
    tally.refused("CONTENT", Reply.of(451, "4.3.0", "later"));
    tally.refused("CONTENT", Reply.of(451, "4.3.0", "much later"));

    assertThat(tally.result().replies())
        .containsExactly(
            new LoadResult.Refusal("CONTENT", 451, 2, "451 4.3.0 later"),
            new LoadResult.Refusal("RCPT", 550, 1, "550 5.1.1 no such user a"));
  }

  @Test
  void aServerThatAlwaysSaysSomethingElseDoesNotFillTheMemory() {
    for (int i = 0; i < 10_000; i++) {
      tally.trouble("not a reply: " + i);
    }

    assertThat(tally.result().troubles())
        .hasSize(LoadTally.MAX_KINDS + 1)
        .startsWith(new LoadResult.Trouble("other", 10_000 - LoadTally.MAX_KINDS));
  }
}
