package org.depesche.testing;

import java.util.ArrayList;
import java.util.List;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.MailEvent;

/// A sink that remembers what it was given.
public final class RecordingEvents implements EventSink {

  private final List<MailEvent> events = new ArrayList<>();

  @Override
  public synchronized void emit(MailEvent event) {
    events.add(event);
  }

  /// All events so far, oldest first.
  public synchronized List<MailEvent> all() {
    return List.copyOf(events);
  }

  /// Those of one kind, oldest first.
  public <T extends MailEvent> List<T> of(Class<T> kind) {
    return all().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /// The newest of one kind.
  ///
  /// @throws AssertionError when there is none
  public <T extends MailEvent> T last(Class<T> kind) {
    List<T> found = of(kind);
    if (found.isEmpty()) {
      throw new AssertionError("no " + kind.getSimpleName() + " among " + all());
    }
    return found.getLast();
  }

  public synchronized void clear() {
    events.clear();
  }
}
