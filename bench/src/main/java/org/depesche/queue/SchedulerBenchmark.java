package org.depesche.queue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A message into the scheduler, taken when it is due, and done; with others that wait for a later
/// day.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SchedulerBenchmark {

  private static final int SENDERS = 64;
  private static final long TOMORROW = 86_400_000;

  /// Messages that wait.
  @Param({"0", "10000", "1000000"})
  public int waiting;

  /// Destinations they are for.
  @Param({"1", "1000"})
  public int destinations;

  private final Scheduler scheduler =
      new Scheduler(_ -> new DestinationQueue.Concurrency(20, 20), 512, 1000);
  private long ids;

  @Setup
  public void fill() {
    for (int i = 0; i < waiting; i++) {
      scheduler.insert(next(TOMORROW));
    }
  }

  @Benchmark
  public Item insertTakeComplete() {
    scheduler.insert(next(0));
    Item item = scheduler.takeDue(1, 1).getFirst();
    scheduler.completed(item);
    return item;
  }

  private Item next(long due) {
    long id = ids++;
    Route route = new Route.Mx(new Domain("d" + id % destinations + ".example.org"));
    Recipient recipient = new Recipient(new Mailbox("r", "example.org"));
    return Item.of(
        new QueuedMessage(id, 0, (int) (id % SENDERS)),
        route,
        List.of(new Leg(0, recipient.address())),
        Map.of(0, recipient),
        0,
        due);
  }
}
