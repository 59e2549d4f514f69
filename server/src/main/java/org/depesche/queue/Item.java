package org.depesche.queue;

import org.depesche.routing.Route;

/// One message for one route: what the scheduler orders. Small, because there may be millions.
final class Item {

  final QueuedMessage message;
  final Route route;

  /// Indexes into the envelope of the recipients it serves.
  final int[] recipients;

  /// Attempts made.
  int attempts;

  /// When the next one is due, in milliseconds since 1970.
  long dueMillis;

  Item(QueuedMessage message, Route route, int[] recipients, int attempts, long dueMillis) {
    this.message = message;
    this.route = route;
    this.recipients = recipients;
    this.attempts = attempts;
    this.dueMillis = dueMillis;
  }
}
