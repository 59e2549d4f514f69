package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventStreamTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Collector collector = new Collector();

  @Test
  void everyConsumerSeesEveryEventInOrder() {
    Collector second = new Collector();
    EventStream stream = new EventStream(List.of(collector, second));
    stream.start();

    emit(stream, "a", 1000);
    stream.close();

    assertThat(collector.seen).isEqualTo(names("a", 1000));
    assertThat(second.seen).isEqualTo(collector.seen);
    assertThat(collector.closed).isTrue();
    assertThat(stream.lost()).isZero();
  }

  @Test
  void manyEmittersAndASlowConsumerLoseNothing() throws InterruptedException {
    EventStream stream = new EventStream(List.of(collector), 64, LONG, LONG);
    stream.start();

    List<Thread> emitters = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String name = "v" + i + "-";
      emitters.add(Thread.startVirtualThread(() -> emit(stream, name, 400)));
    }
    for (Thread emitter : emitters) {
      emitter.join();
    }
    stream.close();

    assertThat(collector.seen).hasSize(20_000);
    for (int i = 0; i < 50; i++) {
      String name = "v" + i + "-";
      assertThat(collector.seen.stream().filter(s -> s.startsWith(name)))
          .containsExactlyElementsOf(names(name, 400));
    }
    assertThat(collector.largestBatch).isLessThanOrEqualTo(64);
  }

  @Test
  void aFullStreamMakesEmittersWaitUntilTheConsumerMoves() throws InterruptedException {
    Gate gate = new Gate();
    EventStream stream = new EventStream(List.of(gate, collector), 4, LONG, LONG);
    stream.start();
    emit(stream, "first", 1);
    gate.entered.await();

    emit(stream, "fill", 4);
    Thread late = Thread.startVirtualThread(() -> emit(stream, "late", 1));
    awaitWaiting(stream, 1);
    gate.open();
    late.join();
    stream.close();

    assertThat(collector.seen)
        .containsExactly("first0", "fill0", "fill1", "fill2", "fill3", "late0");
    assertThat(stream.lost()).isZero();
  }

  @Test
  void aConsumerThatStandsStillCostsEventsAndNotMail() throws InterruptedException {
    Gate gate = new Gate();
    EventStream stream = new EventStream(List.of(gate, collector), 2, Duration.ofMillis(1), LONG);
    stream.start();
    emit(stream, "first", 1);
    gate.entered.await();

    emit(stream, "x", 1000);
    gate.open();
    stream.close();

    assertThat(stream.lost()).isEqualTo(998);
    assertThat(collector.seen).containsExactly("first0", "x0", "x1");
  }

  @Test
  void anInterruptedEmitterKeepsItsInterruptAndItsEvent() throws InterruptedException {
    Gate gate = new Gate();
    EventStream stream = new EventStream(List.of(gate, collector), 1, LONG, LONG);
    stream.start();
    emit(stream, "first", 1);
    gate.entered.await();
    emit(stream, "fill", 1);

    boolean[] kept = new boolean[1];
    Thread emitter =
        Thread.startVirtualThread(
            () -> {
              emit(stream, "late", 1);
              kept[0] = Thread.currentThread().isInterrupted();
            });
    awaitWaiting(stream, 1);
    emitter.interrupt();
    gate.open();
    emitter.join();
    stream.close();

    assertThat(kept[0]).isTrue();
    assertThat(collector.seen).containsExactly("first0", "fill0", "late0");
  }

  @Test
  void aFailingConsumerDoesNotDisturbTheOthers() {
    EventConsumer failing =
        _ -> {
          throw new IllegalStateException("broken");
        };
    EventStream stream = new EventStream(List.of(failing, collector));
    stream.start();

    emit(stream, "a", 10);
    stream.close();

    assertThat(collector.seen).isEqualTo(names("a", 10));
    assertThat(stream.failures()).isPositive();
  }

  @Test
  void closeIsBoundedWhenAConsumerHangs() throws InterruptedException {
    Gate gate = new Gate();
    EventStream stream = new EventStream(List.of(gate), 4, LONG, Duration.ofMillis(1));
    stream.start();
    emit(stream, "first", 1);
    gate.entered.await();

    stream.close();

    assertThat(gate.interrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatComesAfterCloseIsCountedAsLost() {
    EventStream stream = new EventStream(List.of(collector));
    stream.start();
    stream.close();

    emit(stream, "late", 3);

    assertThat(stream.lost()).isEqualTo(3);
    assertThat(collector.seen).isEmpty();
  }

  private static void emit(EventStream stream, String name, int count) {
    for (int i = 0; i < count; i++) {
      stream.emit(new MailEvent.Noted(Instant.EPOCH, name + i, ""));
    }
  }

  private static List<String> names(String name, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(name + i);
    }
    return names;
  }

  private static void awaitWaiting(EventStream stream, int count) {
    while (stream.emittersWaiting() < count) {
      Thread.onSpinWait();
    }
  }

  private static final class Collector implements EventConsumer {
    final List<String> seen = new ArrayList<>();
    int largestBatch;
    boolean closed;

    @Override
    public void consume(List<MailEvent> batch) {
      largestBatch = Math.max(largestBatch, batch.size());
      for (MailEvent event : batch) {
        seen.add(((MailEvent.Noted) event).what());
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /// Holds the stream's thread until it is opened.
  private static final class Gate implements EventConsumer {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch interrupted = new CountDownLatch(1);
    private final Semaphore passage = new Semaphore(0);

    void open() {
      passage.release(1_000_000);
    }

    @Override
    public void consume(List<MailEvent> batch) {
      entered.countDown();
      try {
        passage.acquire();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    }
  }
}
