package org.depesche.admin;

import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.telemetry.MailEvent;

/// All that is known of a message.
///
/// @param timeline what happened, oldest first; begins with the message's head when that is known
/// @param queue what of it still waits or runs
public record Explanation(
    EnvelopeId eid, List<MailEvent> timeline, List<QueueReport.Delivery> queue) {

  public Explanation {
    timeline = List.copyOf(timeline);
    queue = List.copyOf(queue);
  }

  public boolean isEmpty() {
    return timeline.isEmpty() && queue.isEmpty();
  }
}
