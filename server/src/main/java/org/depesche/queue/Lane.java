package org.depesche.queue;

import java.util.ArrayDeque;

/// What one sender has due at one destination, in the order it became due.
final class Lane {

  final DestinationQueue destination;
  final int sender;
  final ArrayDeque<Item> items = new ArrayDeque<>(2);

  /// It stands in line: for a turn of its sender, or for a slot of its destination.
  boolean inLine;

  Lane(DestinationQueue destination, int sender) {
    this.destination = destination;
    this.sender = sender;
  }
}
