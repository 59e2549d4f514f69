package org.depesche.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.depesche.mail.EnvelopeId;
import org.depesche.routing.Route;

/// A delivery that waits, for operators.
///
/// @param route where it goes
/// @param recipients how many recipients it serves
/// @param attempts attempts made
/// @param until when it may be tried; `Instant.MAX` when only somebody's order can end the wait
/// @param binds what it waits for: `due`, `retry`, `destination`, `slot` or `suspended`
/// @param reason why the destination failed, when it waits for that
public record QueueEntry(
    EnvelopeId id,
    String route,
    int recipients,
    int attempts,
    Instant until,
    String binds,
    String reason) {

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

  static List<QueueEntry> of(Scheduler scheduler, Set<EnvelopeId> ids) {
    List<QueueEntry> found = new ArrayList<>();
    scheduler.forEachWaiting(
        waiting -> {
          if (ids.contains(waiting.item().message.id())) {
            found.add(of(waiting));
          }
        });
    found.sort(SOONEST);
    return found;
  }

  /// The routes of messages that wait.
  static Set<Route> routes(Scheduler scheduler, Collection<Long> ids) {
    Set<Long> wanted = new HashSet<>(ids);
    Set<Route> routes = new HashSet<>();
    scheduler.forEachWaiting(
        waiting -> {
          if (wanted.contains(waiting.item().message.idValue())) {
            routes.add(waiting.item().route);
          }
        });
    return routes;
  }

  private static QueueEntry of(Scheduler.Waiting waiting) {
    Item item = waiting.item();
    DestinationQueue destination = waiting.destination();
    boolean heldBack = destination.notBeforeMillis > item.dueMillis;
    String binds;
    if (destination.suspended) {
      binds = "suspended";
    } else if (heldBack) {
      binds = "destination";
    } else if (item.attempts > 0) {
      binds = "retry";
    } else {
      binds = destination.isFull() ? "slot" : "due";
    }
    Instant until =
        destination.suspended
            ? Instant.MAX
            : Instant.ofEpochMilli(Math.max(item.dueMillis, destination.notBeforeMillis));
    return new QueueEntry(
        item.message.id(),
        item.route.toString(),
        item.recipients.length,
        item.attempts,
        until,
        binds,
        heldBack ? destination.lastFailure : "");
  }
}
