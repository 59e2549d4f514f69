package org.depesche.spool;

import java.time.Instant;
import java.util.List;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;

/// A message in the spool, without its bytes.
///
/// @param id its name for life
/// @param receivedAt when it was accepted
/// @param size bytes of prefix and content together
/// @param envelope as accepted
/// @param states one for each recipient of the envelope, in its order
public record StoredEnvelope(
    EnvelopeId id, Instant receivedAt, long size, Envelope envelope, List<RecipientState> states) {

  public StoredEnvelope {
    states = List.copyOf(states);
    if (states.size() != envelope.recipients().size()) {
      throw new IllegalArgumentException("one state for each recipient");
    }
  }
}
