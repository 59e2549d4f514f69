package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Route;
import org.depesche.spool.RecipientState;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.MailEvent;

/// Tells the event stream what happens to the messages of the queue.
final class Timeline {

  private final EventSink events;
  private final InstantSource clock;

  Timeline(EventSink events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
  }

  /// A route is worth telling when it is not simply the recipient's own mailbox.
  void routed(QueuedMessage message, Recipient recipient, Route route) {
    if (!(route instanceof Route.Local(var account) && account.equals(recipient.address()))) {
      events.emit(
          new MailEvent.Routed(
              clock.instant(), message.id(), recipient.address().wire(), route.toString()));
    }
  }

  /// An attempt for a recipient has ended.
  ///
  /// @param heldUntil before when nothing is tried at the destination
  void attempted(
      QueuedMessage message,
      Mailbox recipient,
      Outcome outcome,
      Ledger.Decision decision,
      int attempt,
      Instant heldUntil,
      Duration took) {
    Instant now = clock.instant();
    String address = recipient.wire();
    if (outcome instanceof Outcome.Delivered(var to, var reply, _)) {
      events.emit(
          new MailEvent.Delivered(
              now, message.id(), address, to, attempt, age(message, now), took, reply));
      return;
    }
    String cause = decision.cause().map(Cause::text).orElse("");
    if (decision.state() instanceof RecipientState.Waiting waiting) {
      boolean held = heldUntil.isAfter(waiting.next());
      events.emit(
          new MailEvent.Waiting(
              now,
              message.id(),
              address,
              held ? "destination" : "retry",
              cause,
              attempt,
              held ? heldUntil : waiting.next()));
    } else {
      events.emit(
          new MailEvent.Failed(now, message.id(), address, attempt, age(message, now), cause));
    }
  }

  /// A message waits as a whole.
  void waiting(QueuedMessage message, Route route, String cause, int attempt, Instant until) {
    events.emit(
        new MailEvent.Waiting(
            clock.instant(), message.id(), route.toString(), "retry", cause, attempt, until));
  }

  /// It may have been taken by a host before, which nobody can say.
  void inDoubt(QueuedMessage message, String host) {
    events.emit(new MailEvent.InDoubt(clock.instant(), message.id(), host));
  }

  /// All recipients are final.
  void settled(QueuedMessage message) {
    Instant now = clock.instant();
    events.emit(new MailEvent.Settled(now, message.id(), age(message, now)));
  }

  void note(String what, String detail) {
    events.emit(new MailEvent.Noted(clock.instant(), what, detail));
  }

  private static Duration age(QueuedMessage message, Instant now) {
    return Duration.ofMillis(now.toEpochMilli() - message.receivedMillis());
  }
}
