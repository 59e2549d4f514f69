package org.depesche.load;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.depesche.net.Connector;
import org.depesche.time.Ticker;

/// Sends messages over many sessions, each on a virtual thread.
public final class LoadRun {

  /// Connections that could not be made, in a row, after which a server is not asked any more; as
  /// many again as there are sessions, which all ask at the same time.
  private static final int MOST_VAIN = 20;

  /// How it is sent.
  ///
  /// @param sessions at the same time
  /// @param perConnection most messages over one connection; less where the server says so (RFC
  ///   9422)
  /// @param chunked by BDAT, see `Post.Style`
  public record Plan(
      Target target, Amount amount, int sessions, long perConnection, boolean chunked) {}

  private final Plan plan;
  private final Post post;
  private final Ticker ticker;
  private final RandomGenerator random;
  private final LoadTally tally = new LoadTally();
  private final Schedule schedule;

  /// The first message is due now.
  ///
  /// @param random a secure one, for logins
  public LoadRun(Plan plan, Post post, Ticker ticker, RandomGenerator random) {
    this.plan = plan;
    this.post = post;
    this.ticker = ticker;
    this.random = random;
    this.schedule = new Schedule(plan.amount(), ticker);
  }

  /// Sends all, and waits for the last answer.
  public LoadResult run() throws InterruptedException {
    try (Connector connector = new Connector(ticker);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      connector.start();
      LoadSession.Shared shared =
          new LoadSession.Shared(
              schedule,
              new Door(plan.target(), connector, ticker, random),
              post,
              tally,
              ticker,
              plan.perConnection(),
              plan.chunked(),
              new AtomicInteger(),
              MOST_VAIN + plan.sessions());
      for (int i = 0; i < plan.sessions(); i++) {
        threads.execute(new LoadSession(shared));
      }
      threads.shutdown();
      boolean _ = threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }
    return tally.result();
  }

  /// Sends nothing more but what has been begun.
  public void stop() {
    schedule.stop();
  }

  public LoadTally.Progress progress() {
    return tally.progress();
  }
}
