package org.depesche.telemetry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Events on their way from many threads to one, which takes them in batches.
///
/// Adding holds a lock for some tens of nanoseconds; taking swaps the list for an empty one. A
/// trickle of events is left to gather for a while, so that the taker pays a write or a transaction
/// a batch and not one an event. At most `capacity` events wait while as many are being worked on.
final class EventBuffer {

  private final int capacity;
  private final Duration linger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final LongAdder lost = new LongAdder();

  /// Guarded by `lock`, as are `stalled` and `closed`.
  private List<MailEvent> waiting = new ArrayList<>();

  /// Somebody has waited in vain since the taker last came.
  private boolean stalled;

  private boolean closed;

  /// @param linger how long the first event waits for others
  EventBuffer(int capacity, Duration linger) {
    this.capacity = capacity;
    this.linger = linger;
  }

  /// Adds an event and waits for room, but not longer than `patience`, and not at all while another
  /// has waited that long in vain. What finds no room, or comes after `close`, is lost.
  void put(MailEvent event, Duration patience) {
    lock.lock();
    try {
      if (waiting.size() >= capacity) {
        awaitRoom(patience);
      }
      add(event);
    } finally {
      lock.unlock();
    }
  }

  /// Adds what there is room for; the rest is lost.
  void offer(List<MailEvent> events) {
    lock.lock();
    try {
      events.forEach(this::add);
    } finally {
      lock.unlock();
    }
  }

  /// Takes all that wait, waiting for the first for `patience` at most. Empty when none came.
  ///
  /// @param empty a list to swap in, given up by the caller
  List<MailEvent> take(List<MailEvent> empty, Duration patience) {
    lock.lock();
    try {
      awaitWork(1, patience);
      if (!waiting.isEmpty()) {
        awaitWork(capacity / 2, linger);
      }
      List<MailEvent> taken = waiting;
      waiting = empty;
      stalled = false;
      room.signalAll();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Nothing is taken in any more; what waits can still be taken.
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// True when it is closed and everything was taken.
  boolean isDone() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Events that found no room or came too late.
  long lost() {
    return lost.sum();
  }

  /// Threads that wait for room.
  int waitingForRoom() {
    lock.lock();
    try {
      return lock.getWaitQueueLength(room);
    } finally {
      lock.unlock();
    }
  }

  private void add(MailEvent event) {
    if (closed || waiting.size() >= capacity) {
      lost.increment();
      return;
    }
    waiting.add(event);
    // The first ends the taker's rest, the half-full list ends its linger.
    if (waiting.size() == 1 || waiting.size() == capacity / 2) {
      work.signal();
    }
  }

  private void awaitRoom(Duration patience) {
    long nanos = patience.toNanos();
    boolean interrupted = false;
    while (waiting.size() >= capacity && !closed && !stalled) {
      if (nanos <= 0) {
        stalled = true;
      }
      try {
        nanos = room.awaitNanos(nanos);
      } catch (InterruptedException e) {
        interrupted = true;
        nanos /= 2;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitWork(int count, Duration patience) {
    long nanos = patience.toNanos();
    while (nanos > 0 && waiting.size() < count && !closed) {
      try {
        nanos = work.awaitNanos(nanos);
      } catch (InterruptedException e) {
        // Only the taker's owner interrupts it, to hurry it up.
        return;
      }
    }
  }
}
