package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.Mailbox;
import org.depesche.spool.RecipientState;
import org.depesche.spool.RecipientState.Waiting;
import org.junit.jupiter.api.Test;

/// What the outcome of an attempt means for a recipient, and what its sender hears.
class LedgerTest {

  private static final Instant RECEIVED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Mailbox DONE = new Mailbox("a", "behind.test");
  private static final Cause FULL = Cause.of("4.2.2", "452 4.2.2 mailbox full");
  private static final Cause UNKNOWN = Cause.of("5.1.1", "550 5.1.1 no such user");

  private final Ledger ledger =
      new Ledger(
          new RetrySchedule(
              List.of(Duration.ofMinutes(1), Duration.ofHours(1)),
              Duration.ofDays(5),
              Duration.ofHours(4)));

  private Ledger.Decision after(Outcome outcome, Waiting before, int attempts, Duration age) {
    return ledger.decide(outcome, before, attempts, RECEIVED, RECEIVED.plus(age), () -> 0L);
  }

  private static Waiting waiting(boolean warned) {
    return new Waiting(1, RECEIVED, warned, "").via("smtp://via:25").done(DONE);
  }

  @Test
  void aDeferredRecipientWaitsAsTheScheduleSaysAndKeepsItsRouteAndWhatIsOver() {
    Ledger.Decision decision =
        after(
            new Outcome.Deferred(Scope.RECIPIENT, FULL), waiting(false), 2, Duration.ofMinutes(5));

    assertThat(decision.state())
        .isEqualTo(
            new Waiting(
                2,
                RECEIVED.plus(Duration.ofMinutes(65)),
                false,
                "452 4.2.2 mailbox full",
                "smtp://via:25",
                List.of(DONE)));
    assertThat(decision.what()).isEmpty();
  }

  @Test
  void itsSenderIsWarnedOnceWhenItTakesLong() {
    Outcome deferred = new Outcome.Deferred(Scope.DESTINATION, FULL);

    Ledger.Decision first = after(deferred, waiting(false), 9, Duration.ofHours(4));
    assertThat(first.what()).contains(Notice.What.DELAYED);
    assertThat(((Waiting) first.state()).warned()).isTrue();

    Ledger.Decision second = after(deferred, waiting(true), 10, Duration.ofHours(5));
    assertThat(second.what()).isEmpty();
    assertThat(((Waiting) second.state()).warned()).isTrue();
  }

  @Test
  void whenTheTimeIsOverItHasFailedWithTheLastWords() {
    Ledger.Decision decision =
        after(new Outcome.Deferred(Scope.RECIPIENT, FULL), waiting(true), 99, Duration.ofDays(5));

    assertThat(decision.state()).isInstanceOf(RecipientState.Failed.class);
    assertThat(decision.what()).contains(Notice.What.FAILED);
    Cause cause = decision.cause().orElseThrow();
    assertThat(cause.status()).hasToString("4.4.7");
    assertThat(cause.text()).isEqualTo("not delivered in 5 days, at last: 452 4.2.2 mailbox full");
  }

  @Test
  void aPermanentRefusalIsFinalAtOnce() {
    Ledger.Decision decision =
        after(new Outcome.Failed(UNKNOWN), waiting(false), 1, Duration.ofSeconds(1));

    assertThat(decision.state()).isEqualTo(new RecipientState.Failed("550 5.1.1 no such user"));
    assertThat(decision.what()).contains(Notice.What.FAILED);
    assertThat(decision.cause()).contains(UNKNOWN);
  }

  @Test
  void successIsToldByWhomTheWishIsKnownTo() {
    assertThat(success(Outcome.Handover.FINAL)).contains(Notice.What.DELIVERED);
    assertThat(success(Outcome.Handover.WISH_LOST)).contains(Notice.What.RELAYED);
    assertThat(success(Outcome.Handover.WISH_PASSED_ON)).isEmpty();
  }

  private java.util.Optional<Notice.What> success(Outcome.Handover handover) {
    return after(new Outcome.Delivered("mx", "250 ok", handover), waiting(false), 1, Duration.ZERO)
        .what();
  }
}
