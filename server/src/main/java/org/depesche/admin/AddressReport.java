package org.depesche.admin;

import java.util.List;
import org.depesche.telemetry.MailEvent;

/// The latest about an address.
///
/// @param messages messages from or to it, newest first
/// @param refusals what was refused to it or from it, newest first
public record AddressReport(
    String address, List<MessageSummary> messages, List<MailEvent.Refused> refusals) {

  public AddressReport {
    messages = List.copyOf(messages);
    refusals = List.copyOf(refusals);
  }

  public boolean isEmpty() {
    return messages.isEmpty() && refusals.isEmpty();
  }
}
