package org.depesche.queue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.EnvelopeId;

/// A message in the queue, for operators.
///
/// @param from the reverse path, empty for the null path
/// @param size bytes
/// @param recipients those the question was about
/// @param deliveries what of the message waits in the queue, and for what
public record QueuedMail(
    EnvelopeId eid,
    Instant receivedAt,
    long size,
    String from,
    List<Line> recipients,
    List<QueueEntry> deliveries) {

  public QueuedMail {
    recipients = List.copyOf(recipients);
    deliveries = List.copyOf(deliveries);
  }

  QueuedMail with(List<QueueEntry> waiting) {
    return new QueuedMail(eid, receivedAt, size, from, recipients, waiting);
  }

  /// A recipient that is not over.
  ///
  /// @param state `waiting`, `held` or `removed`
  /// @param attempts attempts made
  /// @param next when it goes on, or is removed for good; empty when only somebody's order can end
  ///   the wait
  /// @param reason why the last attempt failed; empty when none was made
  /// @param via the next hop an operator has chosen; empty for the usual route
  public record Line(
      String rcpt, String state, int attempts, Optional<Instant> next, String reason, String via) {}
}
