package org.depesche.admin;

import java.util.List;
import org.depesche.telemetry.MailEvent;

/// What was refused in a session.
///
/// @param refusals oldest first
public record SessionReport(String sid, List<MailEvent.Refused> refusals) {

  public SessionReport {
    refusals = List.copyOf(refusals);
  }
}
