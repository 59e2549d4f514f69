package org.depesche.queue;

import java.util.List;

/// What matches a question about the queue.
///
/// @param messages how many messages match
/// @param recipients how many of their recipients do
/// @param shown the first of them
public record QueueListing(long messages, long recipients, List<QueuedMail> shown) {

  public QueueListing {
    shown = List.copyOf(shown);
  }
}
