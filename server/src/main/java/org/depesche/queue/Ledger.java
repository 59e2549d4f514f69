package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.routing.Leg;
import org.depesche.spool.RecipientState;
import org.depesche.spool.RecipientState.Delivered;
import org.depesche.spool.RecipientState.Failed;
import org.depesche.spool.RecipientState.Waiting;

/// Decides what the outcome of an attempt means for a recipient. Pure.
final class Ledger {

  private final RetrySchedule schedule;

  Ledger(RetrySchedule schedule) {
    this.schedule = schedule;
  }

  /// What follows from an attempt.
  ///
  /// @param state the new state
  /// @param what what the sender may want to hear; empty for nothing
  /// @param cause why it failed; empty when it did not
  record Decision(RecipientState state, Optional<Notice.What> what, Optional<Cause> cause) {}

  /// The state after an attempt.
  ///
  /// @param previous the state before it
  /// @param attempts how many attempts were made, this one included
  Decision decide(
      Outcome outcome,
      Waiting previous,
      int attempts,
      Instant receivedAt,
      Instant now,
      RandomGenerator random) {
    return switch (outcome) {
      case Outcome.Delivered(_, _, var handover) ->
          new Decision(
              new Delivered(),
              switch (handover) {
                case FINAL -> Optional.of(Notice.What.DELIVERED);
                case WISH_LOST -> Optional.of(Notice.What.RELAYED);
                case WISH_PASSED_ON -> Optional.empty();
              },
              Optional.empty());
      case Outcome.Failed(var cause) -> failed(cause);
      case Outcome.Deferred(_, var cause) -> {
        Optional<Instant> next = schedule.next(attempts, receivedAt, now, random);
        yield next.map(at -> deferred(cause, previous, attempts, receivedAt, now, at))
            .orElseGet(() -> failed(expired(cause, Duration.between(receivedAt, now))));
      }
    };
  }

  /// RFC 3461 §5.2.7.3: of an alias with several addresses success is told once, and not of each.
  ///
  /// @param last no address of its recipient is left
  static Decision told(Decision decision, Leg leg, boolean last) {
    if (!leg.oneOfSeveral() || !(decision.state() instanceof Delivered)) {
      return decision;
    }
    return new Decision(
        decision.state(),
        last ? Optional.of(Notice.What.EXPANDED) : Optional.empty(),
        Optional.empty());
  }

  private Decision deferred(
      Cause cause, Waiting previous, int attempts, Instant receivedAt, Instant now, Instant next) {
    boolean warn = !previous.warned() && schedule.warningIsDue(receivedAt, now);
    return new Decision(
        new Waiting(
            attempts,
            next,
            previous.warned() || warn,
            cause.text(),
            previous.via(),
            previous.done()),
        warn ? Optional.of(Notice.What.DELAYED) : Optional.empty(),
        Optional.of(cause));
  }

  private static Decision failed(Cause cause) {
    return new Decision(
        new Failed(cause.text()), Optional.of(Notice.What.FAILED), Optional.of(cause));
  }

  /// RFC 3463 §3.5: X.4.7, delivery time expired.
  private static Cause expired(Cause last, Duration tried) {
    Cause expired =
        Cause.of("4.4.7", "not delivered in " + inWords(tried) + ", at last: " + last.text());
    return new Cause(expired.status(), expired.text(), last.host(), last.reply());
  }

  private static String inWords(Duration time) {
    if (time.toHours() >= 48) {
      return time.toDays() + " days";
    }
    if (time.toMinutes() >= 120) {
      return time.toHours() + " hours";
    }
    return time.toSeconds() >= 120 ? time.toMinutes() + " minutes" : time.toSeconds() + " seconds";
  }
}
