package org.depesche.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.depesche.routing.Route;

/// What waits for one destination: what is due, by sender, and what is not yet, by time.
final class DestinationQueue {

  private static final Comparator<Item> DUE_FIRST =
      (a, b) -> {
        int byTime = Long.compare(a.dueMillis, b.dueMillis);
        return byTime != 0 ? byTime : Long.compare(a.message.idValue(), b.message.idValue());
      };

  final Route route;

  /// Tells destinations apart that are due at the same moment.
  final long serial;

  /// Not due yet.
  final PriorityQueue<Item> later = new PriorityQueue<>(2, DUE_FIRST);

  /// Due, by sender.
  final Map<Integer, Lane> lanes = new HashMap<>(2);

  /// Lanes that had their turn when no slot was free.
  final ArrayDeque<Lane> blocked = new ArrayDeque<>(0);

  private final Concurrency concurrency;
  private double slots;
  int running;

  /// Nothing is tried before this moment; set when the destination as a whole failed.
  long notBeforeMillis;

  /// Failures of the destination as a whole since it last took something.
  int failures;

  /// Why it failed last, for who asks what its mail waits for.
  String lastFailure = "";

  /// It answered last time.
  boolean answers;

  /// An operator has stopped deliveries to it.
  boolean suspended;

  /// The moment under which it stands in the scheduler's order; `NEVER` outside of it.
  long wakeMillis = NEVER;

  static final long NEVER = Long.MAX_VALUE;

  DestinationQueue(Route route, long serial, Concurrency concurrency) {
    this.route = route;
    this.serial = serial;
    this.concurrency = concurrency;
    this.slots = concurrency.initial();
  }

  boolean mayRun(long nowMillis) {
    return !suspended && running < (int) slots && notBeforeMillis <= nowMillis;
  }

  Scheduler.Pool pool() {
    return switch (route) {
      case Route.Local _, Route.Nowhere _, Route.Done _ -> Scheduler.Pool.MAILBOXES;
      case Route.Mx _, Route.Relay _ -> answers ? Scheduler.Pool.ANSWERING : Scheduler.Pool.UNKNOWN;
    };
  }

  boolean isFull() {
    return running >= (int) slots;
  }

  int slots() {
    return (int) slots;
  }

  /// It took a message: one more at once, up to the limit.
  void grow() {
    slots = Math.min(concurrency.most(), slots + 1);
  }

  /// It failed as a whole: begin again with one.
  void shrink() {
    slots = Math.min(slots, 1);
  }

  boolean hasItems() {
    return !later.isEmpty() || !lanes.isEmpty();
  }

  /// When it has to be looked at; `NEVER` when a finished attempt or an operator has to come first.
  long nextLook() {
    if (suspended) {
      return NEVER;
    }
    long first = later.isEmpty() ? NEVER : later.element().dueMillis;
    if (!lanes.isEmpty() && notBeforeMillis > 0) {
      first = Math.min(first, notBeforeMillis);
    }
    return first == NEVER ? NEVER : Math.max(first, notBeforeMillis);
  }

  /// How many attempts at once a destination may see.
  ///
  /// @param initial with a destination nothing is known of
  /// @param most after it has taken messages
  record Concurrency(int initial, int most) {}
}
