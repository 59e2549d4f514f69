package org.depesche.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.depesche.mail.EnvelopeId;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.HistoryException;
import org.depesche.telemetry.MailEvent;
import org.depesche.telemetry.Timelines;

/// A history in memory.
public final class MemoryTimelines implements Timelines, EventSink {

  private final List<MailEvent> events = new ArrayList<>();
  private boolean broken;

  @Override
  public synchronized void emit(MailEvent event) {
    events.add(event);
  }

  /// From now on it cannot answer.
  public synchronized void breakDown() {
    broken = true;
  }

  @Override
  public synchronized List<MailEvent> timeline(EnvelopeId eid) {
    return events().filter(e -> eid.toString().equals(subject(e))).toList();
  }

  @Override
  public synchronized List<MailEvent.Refused> refusals(String sid) {
    return refused().filter(e -> e.sid().equals(sid)).toList();
  }

  @Override
  public synchronized List<MailEvent.Accepted> messages(String address, int limit) {
    return events()
        .filter(MailEvent.Accepted.class::isInstance)
        .map(MailEvent.Accepted.class::cast)
        .filter(e -> e.from().equalsIgnoreCase(address) || isAmong(address, e.to()))
        .toList()
        .reversed()
        .stream()
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<MailEvent.Refused> refusalsFor(String address, int limit) {
    return refused()
        .filter(e -> isAmong(address, List.of(e.from(), e.to())))
        .toList()
        .reversed()
        .stream()
        .limit(limit)
        .toList();
  }

  private Stream<MailEvent> events() {
    if (broken) {
      throw new HistoryException("the history cannot be read");
    }
    return events.stream();
  }

  private Stream<MailEvent.Refused> refused() {
    return events().filter(MailEvent.Refused.class::isInstance).map(MailEvent.Refused.class::cast);
  }

  private static boolean isAmong(String address, List<String> addresses) {
    return addresses.stream().anyMatch(address::equalsIgnoreCase);
  }

  private static String subject(MailEvent event) {
    return switch (event) {
      case MailEvent.Accepted e -> e.eid().toString();
      case MailEvent.Routed e -> e.eid().toString();
      case MailEvent.Delivered e -> e.eid().toString();
      case MailEvent.Waiting e -> e.eid().toString();
      case MailEvent.Failed e -> e.eid().toString();
      case MailEvent.Settled e -> e.eid().toString();
      case MailEvent.InDoubt e -> e.eid().toString();
      case MailEvent.Operated e -> e.subject();
      case MailEvent.Refused _, MailEvent.LoggedIn _, MailEvent.SessionEnded _, MailEvent.Noted _ ->
          "";
    };
  }
}
