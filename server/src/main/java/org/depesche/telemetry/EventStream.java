package org.depesche.telemetry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries events from the paths of mail to their consumers, off those paths: one platform thread
/// walks the consumers with a batch at a time.
///
/// A full stream makes `emit` wait, which slows mail down to what the mail log can take. When
/// consumers stand still for long, mail goes before its log: events are counted as lost, and nobody
/// waits again until the consumers have moved.
public final class EventStream implements EventSink, AutoCloseable {

  /// Events that may wait for the consumers.
  public static final int DEFAULT_CAPACITY = 16_384;

  private static final Duration LINGER = Duration.ofMillis(20);

  /// How long an emitter waits for room.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);
  private static final Duration REST = Duration.ofHours(1);

  private final List<EventConsumer> consumers;
  private final EventBuffer buffer;
  private final Duration patience;
  private final Duration closePatience;
  private final LongAdder failures = new LongAdder();

  /// Null before `start`.
  private volatile @Nullable Thread thread;

  public EventStream(List<EventConsumer> consumers) {
    this(consumers, DEFAULT_CAPACITY, PATIENCE, CLOSE_PATIENCE);
  }

  EventStream(
      List<EventConsumer> consumers, int capacity, Duration patience, Duration closePatience) {
    this.consumers = List.copyOf(consumers);
    this.buffer = new EventBuffer(capacity, LINGER);
    this.patience = patience;
    this.closePatience = closePatience;
  }

  /// Begins to feed the consumers, also with what was emitted before.
  public void start() {
    thread = Thread.ofPlatform().name("events").daemon().start(this::run);
  }

  @Override
  public void emit(MailEvent event) {
    buffer.put(event, patience);
  }

  /// Events that no consumer has seen: emitted after `close` or while consumers stood still.
  public long lost() {
    return buffer.lost();
  }

  /// Batches a consumer failed at.
  public long failures() {
    return failures.sum();
  }

  /// Emitters that wait for room.
  int emittersWaiting() {
    return buffer.waitingForRoom();
  }

  /// Ends the stream: hands out what is waiting, closes the consumers, waits a bounded time for it.
  @Override
  public void close() {
    buffer.close();
    Thread running = thread;
    if (running == null) {
      return;
    }
    try {
      if (!running.join(closePatience)) {
        log().warn("events were still being written after {}; giving up on them", closePatience);
        running.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<MailEvent> batch = new ArrayList<>();
    while (!buffer.isDone()) {
      batch = buffer.take(batch, REST);
      if (!batch.isEmpty()) {
        for (EventConsumer consumer : consumers) {
          feed(consumer, batch);
        }
        batch.clear();
      }
    }
    consumers.forEach(EventStream::end);
  }

  /// A consumer that fails must not take the others with it.
  private void feed(EventConsumer consumer, List<MailEvent> batch) {
    try {
      consumer.consume(batch);
    } catch (RuntimeException e) {
      failures.increment();
      // Powers of two: a lasting fault does not flood the log.
      if (Long.bitCount(failures.sum()) == 1) {
        log().error("{} failed at {} events", consumer.getClass().getSimpleName(), batch.size(), e);
      }
    }
  }

  private static void end(EventConsumer consumer) {
    try {
      consumer.close();
    } catch (RuntimeException e) {
      log().error("{} failed to close", consumer.getClass().getSimpleName(), e);
    }
  }

  /// Asked for when there is something to say: a start without trouble does without a logger.
  private static Logger log() {
    return LoggerFactory.getLogger(EventStream.class);
  }
}
