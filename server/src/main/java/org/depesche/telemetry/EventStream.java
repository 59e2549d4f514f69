package org.depesche.telemetry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries events from the paths of mail to their consumers, off those paths.
///
/// **Concurrency.** Emitters append to one list under a lock held for some tens of nanoseconds; one
/// platform thread swaps that list for an empty one and walks the consumers with it. It lets a
/// trickle of events gather for `LINGER`, so that consumers pay a write or a transaction a batch
/// and not one an event.
///
/// **Bounds.** At most `capacity` events wait while as many are being consumed. A full stream makes
/// `emit` wait, which slows mail down to what the mail log can take. When consumers stand still for
/// `PATIENCE`, mail goes before its log: events are counted as lost, and nobody waits again until
/// the consumers have moved.
public final class EventStream implements EventSink, AutoCloseable {

  /// Events that may wait for the consumers.
  public static final int DEFAULT_CAPACITY = 16_384;

  private static final Duration LINGER = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final List<EventConsumer> consumers;
  private final int capacity;
  private final Duration patience;
  private final Duration closePatience;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final LongAdder lost = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /// Guarded by `lock`, as are `stalled` and `closing`.
  private List<MailEvent> waiting = new ArrayList<>();

  private boolean stalled;
  private boolean closing;

  /// Null before `start`.
  private @Nullable Thread thread;

  public EventStream(List<EventConsumer> consumers) {
    this(consumers, DEFAULT_CAPACITY, PATIENCE, CLOSE_PATIENCE);
  }

  EventStream(
      List<EventConsumer> consumers, int capacity, Duration patience, Duration closePatience) {
    this.consumers = List.copyOf(consumers);
    this.capacity = capacity;
    this.patience = patience;
    this.closePatience = closePatience;
  }

  /// Begins to feed the consumers; what was emitted before has waited.
  public void start() {
    thread = Thread.ofPlatform().name("events").daemon().start(this::run);
  }

  @Override
  public void emit(MailEvent event) {
    lock.lock();
    try {
      if (waiting.size() >= capacity) {
        awaitRoom();
      }
      if (closing || waiting.size() >= capacity) {
        lost.increment();
        return;
      }
      waiting.add(event);
      // The first ends the consumers' rest, the half-full list ends their linger.
      if (waiting.size() == 1 || waiting.size() == capacity / 2) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Events that no consumer has seen: emitted after `close` or while consumers stood still.
  public long lost() {
    return lost.sum();
  }

  /// Batches a consumer failed at.
  public long failures() {
    return failures.sum();
  }

  /// Emitters that wait for room.
  int emittersWaiting() {
    lock.lock();
    try {
      return lock.getWaitQueueLength(room);
    } finally {
      lock.unlock();
    }
  }

  /// Ends the stream: hands out what is waiting, closes the consumers, waits a bounded time for it.
  @Override
  public void close() {
    Thread running = thread;
    lock.lock();
    try {
      closing = true;
      work.signal();
      room.signalAll();
    } finally {
      lock.unlock();
    }
    if (running == null) {
      return;
    }
    try {
      if (!running.join(closePatience)) {
        LOG.warn("events were still being written after {}; giving up on them", closePatience);
        running.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitRoom() {
    long nanos = patience.toNanos();
    boolean interrupted = false;
    while (waiting.size() >= capacity && !closing && !stalled) {
      try {
        nanos = room.awaitNanos(nanos);
        if (nanos <= 0) {
          stalled = true;
        }
      } catch (InterruptedException e) {
        interrupted = true;
        nanos /= 2;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<MailEvent> batch = new ArrayList<>();
    while (true) {
      batch = take(batch);
      if (batch.isEmpty()) {
        break;
      }
      for (EventConsumer consumer : consumers) {
        feed(consumer, batch);
      }
      batch.clear();
    }
    for (EventConsumer consumer : consumers) {
      end(consumer);
    }
  }

  /// Swaps the waiting events for an empty list; an empty answer means the stream has ended.
  private List<MailEvent> take(List<MailEvent> empty) {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closing) {
        work.awaitUninterruptibly();
      }
      long nanos = LINGER.toNanos();
      while (nanos > 0 && waiting.size() < capacity / 2 && !closing) {
        try {
          nanos = work.awaitNanos(nanos);
        } catch (InterruptedException e) {
          break;
        }
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

  /// A consumer that fails must not take the others with it.
  private void feed(EventConsumer consumer, List<MailEvent> batch) {
    try {
      consumer.consume(batch);
    } catch (RuntimeException e) {
      failures.increment();
      // Powers of two: a lasting fault does not flood the log.
      if (Long.bitCount(failures.sum()) == 1) {
        LOG.error("{} failed at {} events", consumer.getClass().getSimpleName(), batch.size(), e);
      }
    }
  }

  private static void end(EventConsumer consumer) {
    try {
      consumer.close();
    } catch (RuntimeException e) {
      LOG.error("{} failed to close", consumer.getClass().getSimpleName(), e);
    }
  }
}
