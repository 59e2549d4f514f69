package org.depesche.load;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.depesche.time.Ticker;

/// When each message is due. Used by many threads.
///
/// In an open loop that depends on the clock alone: a server that stalls does not make the
/// generator send less, and what waited meanwhile was late from the moment it was due. Measuring
/// from the moment of sending would leave the stall out for all but one message of each session
/// (coordinated omission).
final class Schedule {

  private static final double NANOS_PER_SECOND = 1e9;

  /// A message to be sent.
  ///
  /// @param number from 0
  /// @param dueAt by the ticker
  /// @param counted false while warming up
  record Turn(long number, long dueAt, boolean counted) {}

  private final Amount amount;
  private final Ticker ticker;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final long startedAt;
  private long next;
  private long countedFrom = -1; // number of the first message that counts; -1 before it
  private long countedSince; // when it was due

  /// The first message is due now.
  Schedule(Amount amount, Ticker ticker) {
    this.amount = amount;
    this.ticker = ticker;
    this.startedAt = ticker.nanos();
  }

  /// The next message; empty when there is no more. Somebody who takes one waits until it is due.
  synchronized Optional<Turn> next() {
    if (stopped.getCount() == 0) {
      return Optional.empty();
    }
    long dueAt = dueAt(next);
    if (countedFrom < 0
        && next >= amount.warmUpMessages()
        && dueAt - startedAt >= amount.warmUpTime().toNanos()) {
      countedFrom = next;
      countedSince = dueAt;
    }
    boolean counted = countedFrom >= 0;
    if (counted && isOver(dueAt)) {
      return Optional.empty();
    }
    return Optional.of(new Turn(next++, dueAt, counted));
  }

  private long dueAt(long number) {
    return amount.isOpenLoop()
        ? startedAt + Math.round(number * NANOS_PER_SECOND / amount.perSecond())
        : ticker.nanos();
  }

  private boolean isOver(long dueAt) {
    boolean all =
        amount.messages().isPresent() && next - countedFrom >= amount.messages().getAsLong();
    return all
        || amount
            .duration()
            .map(Duration::toNanos)
            .map(n -> dueAt - countedSince >= n)
            .orElse(false);
  }

  /// Waits until a message is due; false when there will be no more.
  boolean await(Turn turn) throws InterruptedException {
    return rest(turn.dueAt() - ticker.nanos());
  }

  /// Waits for a time; false when it ended because there will be no more.
  boolean rest(long nanos) throws InterruptedException {
    return nanos <= 0 ? stopped.getCount() > 0 : !stopped.await(nanos, TimeUnit.NANOSECONDS);
  }

  /// Gives out no more messages.
  void stop() {
    stopped.countDown();
  }
}
