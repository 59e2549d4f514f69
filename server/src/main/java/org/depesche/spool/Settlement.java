package org.depesche.spool;

import java.util.List;
import org.depesche.mail.EnvelopeId;

/// What an attempt changed about a message, written in one piece: after a crash all of it is there
/// or nothing.
///
/// @param id the message
/// @param states the new state of every recipient, in the envelope's order; when all are final, the
///   message is removed
/// @param notifications messages about it, complete but not committed; they become durable with the
///   states
public record Settlement(
    EnvelopeId id, List<RecipientState> states, List<SpoolWriter> notifications) {

  public Settlement {
    states = List.copyOf(states);
    notifications = List.copyOf(notifications);
  }
}
