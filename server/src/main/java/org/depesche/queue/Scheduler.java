package org.depesche.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.depesche.queue.DestinationQueue.Place;
import org.depesche.routing.Route;

/// Says which item is tried next. A plain data structure without threads or clocks; one thread uses
/// it.
///
/// Fairness: destinations with something due take turns, one item a turn, so that a mailbox with a
/// hundred thousand waiting messages does not hold up one with a single message. Cost: O(log n) for
/// each operation.
final class Scheduler {

  private final Map<Route, DestinationQueue> destinations = new HashMap<>();
  private final ArrayDeque<DestinationQueue> ready = new ArrayDeque<>();
  private final TreeSet<DestinationQueue> waiting =
      new TreeSet<>(
          Comparator.<DestinationQueue>comparingLong(d -> d.wakeMillis)
              .thenComparingLong(d -> d.serial));
  private final int perDestination;
  private final int total;
  private int running;
  private long size;
  private long serial;

  /// @param perDestination items of one destination that may run at once
  /// @param total items that may run at once
  Scheduler(int perDestination, int total) {
    this.perDestination = perDestination;
    this.total = total;
  }

  void insert(Item item) {
    DestinationQueue destination = destination(item.route);
    destination.items.add(item);
    size++;
    place(destination);
  }

  /// Takes what is due, at most `max` items, and counts it as running until `completed`.
  List<Item> takeDue(long nowMillis, int max) {
    while (!waiting.isEmpty() && waiting.first().wakeMillis <= nowMillis) {
      DestinationQueue due = waiting.pollFirst();
      due.place = Place.READY;
      ready.addLast(due);
    }
    List<Item> taken = new ArrayList<>();
    // Each destination in `ready` is looked at until it has nothing due; those that are only early
    // go back to waiting.
    while (taken.size() < max && running < total && !ready.isEmpty()) {
      DestinationQueue destination = ready.pollFirst();
      destination.place = Place.IDLE;
      if (!destination.items.isEmpty()
          && destination.running < perDestination
          && destination.firstMillis() <= nowMillis) {
        taken.add(destination.items.remove());
        size--;
        destination.running++;
        running++;
      }
      place(destination, nowMillis);
    }
    return taken;
  }

  /// An item taken is not running any more. It is gone unless it is inserted again.
  void completed(Item item) {
    DestinationQueue destination = destinations.get(item.route);
    if (destination != null) {
      destination.running--;
      running--;
      place(destination);
    }
  }

  /// The destination took something: what held it back is over.
  void succeeded(Route route) {
    DestinationQueue destination = destinations.get(route);
    if (destination != null && destination.failures > 0) {
      destination.failures = 0;
      holdBack(destination, 0);
    }
  }

  /// How often the destination failed as a whole, this time included. Failures of attempts that ran
  /// together count once.
  int failed(Route route, long nowMillis) {
    DestinationQueue destination = destination(route);
    if (destination.failures == 0 || nowMillis >= destination.notBeforeMillis) {
      destination.failures++;
    }
    return destination.failures;
  }

  /// Nothing for the destination is tried before a moment.
  void holdBack(Route route, long untilMillis) {
    DestinationQueue destination = destinations.get(route);
    if (destination != null) {
      holdBack(destination, untilMillis);
    }
  }

  /// When something becomes due next; in the past when something is. Empty when nothing waits or no
  /// slot is free.
  OptionalLong nextWake() {
    if (running >= total) {
      return OptionalLong.empty();
    }
    if (!ready.isEmpty()) {
      return OptionalLong.of(Long.MIN_VALUE);
    }
    return waiting.isEmpty() ? OptionalLong.empty() : OptionalLong.of(waiting.first().wakeMillis);
  }

  /// Shows every waiting item, in no order, with the moment it may be tried.
  void forEachWaiting(Consumer<Waiting> each) {
    for (DestinationQueue destination : destinations.values()) {
      for (Item item : destination.items) {
        long until = Math.max(item.dueMillis, destination.notBeforeMillis);
        boolean heldBack = destination.notBeforeMillis > item.dueMillis;
        each.accept(new Waiting(item, until, heldBack, destination.running >= perDestination));
      }
    }
  }

  long size() {
    return size;
  }

  int running() {
    return running;
  }

  int destinations() {
    return destinations.size();
  }

  /// An item that waits.
  ///
  /// @param untilMillis when it may be tried
  /// @param heldBack it waits because its destination failed as a whole
  /// @param full it waits for a slot
  record Waiting(Item item, long untilMillis, boolean heldBack, boolean full) {}

  private DestinationQueue destination(Route route) {
    return destinations.computeIfAbsent(route, key -> new DestinationQueue(key, serial++));
  }

  private void holdBack(DestinationQueue destination, long untilMillis) {
    destination.notBeforeMillis = untilMillis;
    if (destination.place == Place.WAITING) {
      waiting.remove(destination);
      destination.place = Place.IDLE;
    }
    place(destination);
  }

  /// Puts a destination that is idle, or whose first item has changed, where it belongs.
  private void place(DestinationQueue destination) {
    if (destination.items.isEmpty()) {
      forgetIfDone(destination);
      return;
    }
    if (destination.place == Place.READY || destination.running >= perDestination) {
      return;
    }
    long wake = destination.firstMillis();
    if (destination.place == Place.WAITING) {
      if (wake == destination.wakeMillis) {
        return;
      }
      waiting.remove(destination);
    }
    destination.wakeMillis = wake;
    destination.place = Place.WAITING;
    waiting.add(destination);
  }

  /// The same while taking: a destination with more that is due goes to the end of the line.
  private void place(DestinationQueue destination, long nowMillis) {
    if (!destination.items.isEmpty()
        && destination.running < perDestination
        && destination.firstMillis() <= nowMillis) {
      destination.place = Place.READY;
      ready.addLast(destination);
    } else {
      place(destination);
    }
  }

  /// A destination is remembered while it has items, running or waiting, or a failure to remember.
  private void forgetIfDone(DestinationQueue destination) {
    if (destination.running == 0 && destination.failures == 0) {
      if (destination.place == Place.WAITING) {
        waiting.remove(destination);
      } else if (destination.place == Place.READY) {
        return;
      }
      destinations.remove(destination.route, destination);
    }
  }

  /// Forgets destinations whose failure is over and that have nothing to do; for the dispatcher to
  /// call now and then, so that failures do not pile up.
  void forgetIdle(long nowMillis) {
    Iterator<DestinationQueue> all = destinations.values().iterator();
    while (all.hasNext()) {
      DestinationQueue destination = all.next();
      if (destination.items.isEmpty()
          && destination.running == 0
          && destination.place == Place.IDLE
          && destination.notBeforeMillis <= nowMillis) {
        all.remove();
      }
    }
  }
}
