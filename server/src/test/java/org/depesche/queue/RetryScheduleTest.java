package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {

  private static final Instant RECEIVED = Instant.parse("2026-01-01T00:00:00Z");
  private final RetrySchedule schedule =
      new RetrySchedule(
          List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofHours(1)),
          Duration.ofDays(5),
          Duration.ofHours(4));
  private final RandomGenerator none = () -> 0L;

  @Test
  void waitsAsTheScheduleSaysAndRepeatsTheLast() {
    assertThat(schedule.next(1, RECEIVED, RECEIVED, none)).contains(RECEIVED.plusSeconds(60));
    assertThat(schedule.next(2, RECEIVED, RECEIVED, none)).contains(RECEIVED.plusSeconds(300));
    assertThat(schedule.next(3, RECEIVED, RECEIVED, none)).contains(RECEIVED.plusSeconds(3600));
    assertThat(schedule.next(99, RECEIVED, RECEIVED, none)).contains(RECEIVED.plusSeconds(3600));
  }

  @Test
  void stretchesWaitsByAtMostATenth() {
    Random random = new Random(7);
    for (int i = 0; i < 1000; i++) {
      assertThat(schedule.next(3, RECEIVED, RECEIVED, random).orElseThrow())
          .isBetween(RECEIVED.plusSeconds(3600), RECEIVED.plusSeconds(3960));
    }
  }

  @Test
  void makesTheLastAttemptAtTheEndAndGivesUpAfterIt() {
    Instant end = RECEIVED.plus(Duration.ofDays(5));

    assertThat(schedule.next(50, RECEIVED, end.minusSeconds(10), none)).contains(end);
    assertThat(schedule.next(51, RECEIVED, end, none)).isEmpty();
  }

  @Test
  void triesAtTheMomentOfTheWarningSoThatItTellsOfSomethingFresh() {
    Instant warning = RECEIVED.plus(Duration.ofHours(4));

    assertThat(schedule.next(9, RECEIVED, warning.minusSeconds(60), none)).contains(warning);
    assertThat(schedule.warningIsDue(RECEIVED, warning.minusMillis(1))).isFalse();
    assertThat(schedule.warningIsDue(RECEIVED, warning)).isTrue();
    assertThat(schedule.next(10, RECEIVED, warning, none)).contains(warning.plusSeconds(3600));
  }

  @Test
  void theDeadlineIsTheWarningAndThenTheEnd() {
    assertThat(schedule.deadline(RECEIVED, false)).isEqualTo(RECEIVED.plus(Duration.ofHours(4)));
    assertThat(schedule.deadline(RECEIVED, true)).isEqualTo(RECEIVED.plus(Duration.ofDays(5)));
  }

  @Test
  void neverWarnsWhenToldSo() {
    RetrySchedule silent =
        new RetrySchedule(List.of(Duration.ofMinutes(1)), Duration.ofDays(5), Duration.ZERO);

    assertThat(silent.warningIsDue(RECEIVED, RECEIVED.plus(Duration.ofDays(4)))).isFalse();
    assertThat(silent.deadline(RECEIVED, false)).isEqualTo(RECEIVED.plus(Duration.ofDays(5)));
  }

  @Test
  void needsAtLeastOneWait() {
    assertThatThrownBy(() -> new RetrySchedule(List.of(), Duration.ofDays(1), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
