package org.depesche.queue;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.depesche.routing.Route;

/// What waits for one destination, in the order it is due.
final class DestinationQueue {

  private static final Comparator<Item> DUE_FIRST =
      Comparator.<Item>comparingLong(item -> item.dueMillis)
          .thenComparingLong(item -> item.message.idValue());

  final Route route;

  /// Tells destinations apart that are due at the same moment.
  final long serial;

  final PriorityQueue<Item> items = new PriorityQueue<>(4, DUE_FIRST);
  int running;

  /// Nothing is tried before this moment; set when the destination as a whole failed.
  long notBeforeMillis;

  /// Failures of the destination as a whole since it last took something.
  int failures;

  /// The moment under which it stands in the scheduler's order; meaningless outside of it.
  long wakeMillis;

  /// Where the scheduler has it.
  Place place = Place.IDLE;

  enum Place {
    /// Nothing to do, or all slots taken.
    IDLE,
    /// Its first item is due later.
    WAITING,
    /// An item is due and a slot is free.
    READY
  }

  DestinationQueue(Route route, long serial) {
    this.route = route;
    this.serial = serial;
  }

  /// When its first item may be tried; only while there is one.
  long firstMillis() {
    Item first = items.element();
    return Math.max(first.dueMillis, notBeforeMillis);
  }
}
