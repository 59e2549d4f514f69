package org.depesche.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.depesche.telemetry.MailEvent;

/// A message in one line.
///
/// @param head its acceptance
/// @param state what became of its recipients: `delivered`, `2 delivered, 1 waiting`, `new`
public record MessageSummary(MailEvent.Accepted head, String state) {

  /// Sums up a message's timeline.
  public static MessageSummary of(MailEvent.Accepted head, List<MailEvent> timeline) {
    Map<String, String> latest = new LinkedHashMap<>();
    for (MailEvent event : timeline) {
      switch (event) {
        case MailEvent.Delivered e -> latest.put(e.rcpt(), e.name());
        case MailEvent.Failed e -> latest.put(e.rcpt(), e.name());
        case MailEvent.Waiting e -> latest.put(e.rcpt(), e.isOpenEnded() ? "held" : e.name());
        case MailEvent.Accepted _,
            MailEvent.Refused _,
            MailEvent.Routed _,
            MailEvent.Settled _,
            MailEvent.InDoubt _,
            MailEvent.LoggedIn _,
            MailEvent.SessionEnded _,
            MailEvent.Operated _,
            MailEvent.Noted _ -> {}
      }
    }
    return new MessageSummary(head, state(latest.values().stream().sorted().toList()));
  }

  private static String state(List<String> states) {
    if (states.isEmpty()) {
      return "new";
    }
    if (states.getFirst().equals(states.getLast())) {
      return states.getFirst();
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    states.forEach(state -> counts.merge(state, 1, Integer::sum));
    List<String> parts = new ArrayList<>();
    counts.forEach((state, count) -> parts.add(count + " " + state));
    return String.join(", ", parts);
  }
}
