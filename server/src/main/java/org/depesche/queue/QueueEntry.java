package org.depesche.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.depesche.mail.EnvelopeId;

/// A delivery that waits, for operators.
///
/// @param route where it goes
/// @param recipients how many recipients it serves
/// @param attempts attempts made
/// @param until when it may be tried
/// @param binds what it waits for: `due`, `retry`, `destination` or `slot`
public record QueueEntry(
    EnvelopeId id, String route, int recipients, int attempts, Instant until, String binds) {

  private static final Comparator<QueueEntry> SOONEST =
      Comparator.comparing(QueueEntry::until).thenComparing(QueueEntry::id);

  static List<QueueEntry> soonest(Scheduler scheduler, int most) {
    PriorityQueue<QueueEntry> kept = new PriorityQueue<>(SOONEST.reversed());
    scheduler.forEachWaiting(
        waiting -> {
          kept.add(of(waiting));
          if (kept.size() > most) {
            kept.remove();
          }
        });
    List<QueueEntry> sorted = new ArrayList<>(kept);
    sorted.sort(SOONEST);
    return sorted;
  }

  static List<QueueEntry> of(Scheduler scheduler, EnvelopeId id) {
    List<QueueEntry> found = new ArrayList<>();
    scheduler.forEachWaiting(
        waiting -> {
          if (waiting.item().message.idValue() == id.value()) {
            found.add(of(waiting));
          }
        });
    found.sort(SOONEST);
    return found;
  }

  private static QueueEntry of(Scheduler.Waiting waiting) {
    String binds;
    if (waiting.heldBack()) {
      binds = "destination";
    } else if (waiting.item().attempts > 0) {
      binds = "retry";
    } else {
      binds = waiting.full() ? "slot" : "due";
    }
    return new QueueEntry(
        waiting.item().message.id(),
        waiting.item().route.toString(),
        waiting.item().recipients.length,
        waiting.item().attempts,
        Instant.ofEpochMilli(waiting.untilMillis()),
        binds);
  }
}
