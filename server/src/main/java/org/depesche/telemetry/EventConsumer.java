package org.depesche.telemetry;

import java.util.List;

/// Makes something of events: a log, a history, numbers. Called by one thread only, in the order
/// the events were emitted.
public interface EventConsumer extends AutoCloseable {

  /// Takes the next events. The list is the caller's and is reused afterwards.
  void consume(List<MailEvent> batch);

  /// Lets go of files and threads after the last batch.
  @Override
  default void close() {}
}
