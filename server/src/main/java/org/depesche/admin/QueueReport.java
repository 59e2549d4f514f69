package org.depesche.admin;

import java.time.Instant;
import java.util.List;
import org.depesche.mail.EnvelopeId;

/// The part of the queue that goes on soonest.
public record QueueReport(List<Delivery> waiting) {

  public QueueReport {
    waiting = List.copyOf(waiting);
  }

  /// A delivery that waits.
  ///
  /// @param to where it goes
  /// @param recipients how many recipients it serves
  /// @param attempts attempts made
  /// @param next when it may be tried
  /// @param binds what it waits for
  /// @param reason what happened at the last attempt; empty when none was made or it is not known
  public record Delivery(
      EnvelopeId eid,
      String to,
      int recipients,
      int attempts,
      Instant next,
      String binds,
      String reason) {}
}
