package org.depesche.queue;

import java.time.Duration;
import org.depesche.routing.RelayTarget;

/// What an operator can do to recipients in the queue.
public sealed interface Verb {

  /// How long mail that was removed can be taken back.
  Duration TAKE_BACK = Duration.ofHours(1);

  /// Tried at once, and its destination too.
  record Retry() implements Verb {}

  /// Not tried until released.
  record Hold() implements Verb {}

  /// What was held is tried at once.
  record Release() implements Verb {}

  /// Given up now; the sender is told.
  ///
  /// @param reason for the sender; not empty
  record Bounce(String reason) implements Verb {}

  /// Taken out without a word to anybody; for good after an hour.
  record Remove() implements Verb {}

  /// What was removed less than an hour ago goes on, or is held as it was.
  record Restore() implements Verb {}

  /// Goes by another next hop.
  record Reroute(RelayTarget to) implements Verb {}

  /// Goes by the usual route again.
  record Unroute() implements Verb {}

  /// What was removed more than an hour ago goes for good; nobody types this.
  record Purge() implements Verb {}
}
