package org.depesche.load;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.depesche.net.Connector;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.time.Ticker;

/// Opens many connections, up to where a message could be sent, and holds them without a word.
public final class IdleRun {

  /// Connections that are made at the same time: few enough for the queue of any listener.
  private static final int OPENING = 100;

  private static final double NANOS_PER_SECOND = 1e9;

  /// Where it has come to.
  ///
  /// @param holding all are there, or have failed
  public record Progress(int opened, int failed, boolean holding) {}

  private final Target target;
  private final int wanted;
  private final Duration hold;
  private final Ticker ticker;
  private final RandomGenerator random;
  private final LoadTally tally = new LoadTally();
  private final ConcurrentLinkedQueue<SmtpClient> open = new ConcurrentLinkedQueue<>();
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicBoolean holding = new AtomicBoolean();
  private final CountDownLatch stopped = new CountDownLatch(1);

  /// @param random a secure one, for logins
  public IdleRun(Target target, int wanted, Duration hold, Ticker ticker, RandomGenerator random) {
    this.target = target;
    this.wanted = wanted;
    this.hold = hold;
    this.ticker = ticker;
    this.random = random;
  }

  /// Opens, holds, asks each connection whether it is still there, and closes.
  public IdleResult run() throws InterruptedException {
    try (Connector connector = new Connector(ticker)) {
      connector.start();
      Door door = new Door(target, connector, ticker, random);
      Semaphore opening = new Semaphore(OPENING);
      each(wanted, () -> enter(door, opening));
      holding.set(true);
      long from = ticker.nanos();
      boolean _ = stopped.await(hold.toNanos(), TimeUnit.NANOSECONDS);
      double seconds = (ticker.nanos() - from) / NANOS_PER_SECOND;
      AtomicInteger stayed = new AtomicInteger();
      each(open.size(), () -> leave(stayed));
      LoadResult sums = tally.result();
      return new IdleResult(
          wanted,
          opened.get(),
          stayed.get(),
          seconds,
          sums.latency(),
          sums.replies(),
          sums.troubles());
    }
  }

  private static void each(int times, Runnable task) throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < times; i++) {
        threads.execute(task);
      }
      threads.shutdown();
      boolean _ = threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
  }

  private void enter(Door door, Semaphore opening) {
    opening.acquireUninterruptibly();
    try {
      if (stopped.getCount() == 0) {
        return;
      }
      switch (door.open()) {
        case Door.Entry.Open(var client, var took) -> {
          took.forEach(tally::measured);
          open.add(client);
          opened.incrementAndGet();
        }
        case Door.Entry.Refused(var stage, var reply) -> {
          failed.incrementAndGet();
          tally.refused(stage, reply);
        }
        case Door.Entry.Lost(var cause) -> {
          failed.incrementAndGet();
          tally.trouble(cause);
        }
      }
    } finally {
      opening.release();
    }
  }

  private void leave(AtomicInteger stayed) {
    SmtpClient client = open.remove();
    if (client.noop()) {
      stayed.incrementAndGet();
    }
    client.quit();
  }

  /// Holds no longer.
  public void stop() {
    stopped.countDown();
  }

  public Progress progress() {
    return new Progress(opened.get(), failed.get(), holding.get());
  }
}
