package org.depesche.queue;

import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.depesche.delivery.Outcome;
import org.depesche.spool.RecipientState;
import org.depesche.spool.RecipientState.Delivered;
import org.depesche.spool.RecipientState.Held;
import org.depesche.spool.RecipientState.Waiting;

/// Decides what the outcome of an attempt means for a recipient. Pure.
final class Ledger {

  private final RetrySchedule schedule;

  Ledger(RetrySchedule schedule) {
    this.schedule = schedule;
  }

  /// The state after an attempt.
  ///
  /// A recipient whose time is over, or that failed for good, is held and not dropped: its sender
  /// has to be told (RFC 5321 §6.1), and as long as this server sends no notifications an operator
  /// has to decide.
  ///
  /// @param attempts how many attempts were made, this one included
  RecipientState decide(
      Outcome outcome, int attempts, Instant receivedAt, Instant now, RandomGenerator random) {
    return switch (outcome) {
      case Outcome.Delivered _ -> new Delivered();
      case Outcome.Failed(var cause) -> held(attempts, now, cause);
      case Outcome.Deferred(_, var cause) -> {
        Optional<Instant> next = schedule.next(attempts, receivedAt, now, random);
        yield next.<RecipientState>map(at -> new Waiting(attempts, at, false, cause))
            .orElseGet(() -> held(attempts, now, cause));
      }
    };
  }

  private static Held held(int attempts, Instant now, String cause) {
    return new Held(new Waiting(attempts, now, false, cause));
  }
}
