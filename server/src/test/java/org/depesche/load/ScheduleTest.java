package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private final ManualTime time = new ManualTime();

  private static Amount amount(long messages, double rate, long warmUp) {
    return new Amount(OptionalLong.of(messages), Optional.empty(), rate, warmUp, Duration.ZERO);
  }

  private static Amount lasting(Duration duration, double rate, Duration warmUp) {
    return new Amount(OptionalLong.empty(), Optional.of(duration), rate, 0, warmUp);
  }

  private static List<Schedule.Turn> all(Schedule schedule) {
    List<Schedule.Turn> turns = new ArrayList<>();
    for (Optional<Schedule.Turn> turn = schedule.next(); turn.isPresent(); turn = schedule.next()) {
      turns.add(turn.get());
    }
    return turns;
  }

  private static Schedule.Turn turn(long number, long millis, boolean counted) {
    return new Schedule.Turn(number, Duration.ofMillis(millis).toNanos(), counted);
  }

  @Test
  void inAnOpenLoopMessagesAreDueByTheClockHoweverLongTheOthersTake() {
    Schedule schedule = new Schedule(amount(4, 10, 0), time);

    assertThat(schedule.next()).contains(turn(0, 0, true));
    assertThat(schedule.next()).contains(turn(1, 100, true));
    time.advance(Duration.ofSeconds(5));
    assertThat(schedule.next()).contains(turn(2, 200, true));
    assertThat(schedule.next()).contains(turn(3, 300, true));
    assertThat(schedule.next()).isEmpty();
  }

  @Test
  void aRateThatDividesNoSecondDoesNotDrift() {
    List<Schedule.Turn> turns = all(new Schedule(amount(3_000_001, 3_000, 0), time));

    assertThat(turns.getLast().dueAt()).isEqualTo(Duration.ofSeconds(1000).toNanos());
  }

  @Test
  void inAClosedLoopAMessageIsDueWhenItIsAskedFor() {
    Schedule schedule = new Schedule(amount(2, 0, 0), time);

    assertThat(schedule.next()).contains(turn(0, 0, true));
    time.advance(Duration.ofMillis(70));
    assertThat(schedule.next()).contains(turn(1, 70, true));
    assertThat(schedule.next()).isEmpty();
  }

  @Test
  void whatWarmsUpComesBeforeWhatCounts() {
    assertThat(all(new Schedule(amount(2, 0, 3), time)))
        .extracting(Schedule.Turn::counted)
        .containsExactly(false, false, false, true, true);
  }

  @Test
  void aDurationBeginsAfterTheTimeForWarmingUp() {
    assertThat(all(new Schedule(lasting(Duration.ofMillis(300), 10, Duration.ofMillis(150)), time)))
        .containsExactly(
            turn(0, 0, false),
            turn(1, 100, false),
            turn(2, 200, true),
            turn(3, 300, true),
            turn(4, 400, true));
  }

  @Test
  void aDurationEndsAClosedLoopToo() {
    Schedule schedule = new Schedule(lasting(Duration.ofSeconds(1), 0, Duration.ZERO), time);

    assertThat(schedule.next()).isPresent();
    time.advance(Duration.ofMillis(999));
    assertThat(schedule.next()).isPresent();
    time.advance(Duration.ofMillis(1));
    assertThat(schedule.next()).isEmpty();
  }

  @Test
  void nobodyWaitsForWhatIsLate() throws InterruptedException {
    Schedule schedule = new Schedule(amount(2, 1, 0), time);
    time.advance(Duration.ofSeconds(10));

    assertThat(schedule.await(schedule.next().orElseThrow())).isTrue();
  }

  @Test
  void aScheduleThatIsStoppedGivesOutNoMoreAndWakesThoseWhoWait() throws InterruptedException {
    Schedule schedule = new Schedule(amount(2, 0.001, 0), time);
    Schedule.Turn _ = schedule.next().orElseThrow();
    Schedule.Turn far = schedule.next().orElseThrow();

    schedule.stop();

    assertThat(schedule.await(far)).isFalse();
    assertThat(schedule.next()).isEmpty();
  }

  @Test
  void somethingHasToEndIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Amount(OptionalLong.empty(), Optional.empty(), 0, 0, Duration.ZERO));
  }
}
