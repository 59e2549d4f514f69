package org.depesche.cli;

import java.util.concurrent.atomic.LongAdder;

/// What a sink has taken.
final class SinkTally {

  /// What it comes to.
  record Summary(long messages, long recipients, long bytes, long sessions, long millis) {

    double perSecond() {
      return millis == 0 ? 0 : messages * 1000.0 / millis;
    }
  }

  private final LongAdder messages = new LongAdder();
  private final LongAdder recipients = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder sessions = new LongAdder();

  void message(int to, long size) {
    messages.increment();
    recipients.add(to);
    bytes.add(size);
  }

  void session() {
    sessions.increment();
  }

  Summary summary(long millis) {
    return new Summary(messages.sum(), recipients.sum(), bytes.sum(), sessions.sum(), millis);
  }
}
