package org.depesche.telemetry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the history's file on a platform thread of its own: SQLite is native code, which must not
/// hold up the carriers of virtual threads. The thread ends when nobody asks for a while.
final class HistoryQuestions implements AutoCloseable {

  /// Questions that may wait.
  private static final int CAPACITY = 64;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

  private final Path path;
  private final ThreadPoolExecutor executor;
  private final AtomicBoolean stale = new AtomicBoolean();
  private final AtomicBoolean damageSeen = new AtomicBoolean();

  /// Null while it is not open. The executor's thread's own.
  private @Nullable HistoryFile file;

  HistoryQuestions(Path path) {
    this.path = path;
    executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(CAPACITY),
            Thread.ofPlatform().name("history-questions").daemon().factory());
    executor.allowCoreThreadTimeOut(true);
  }

  /// The file was replaced by another.
  void reopen() {
    stale.set(true);
  }

  /// True once for damage that was come upon while reading.
  boolean takeDamageSeen() {
    return damageSeen.getAndSet(false);
  }

  <T> T ask(Function<HistoryFile, T> question) {
    Future<T> answer;
    try {
      answer = executor.submit(() -> question.apply(open()));
    } catch (RejectedExecutionException e) {
      throw new HistoryException("too many ask the history at a time", e);
    }
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HistoryException known) {
        if (HistorySchema.isDamage(known.getCause())) {
          damageSeen.set(true);
        }
        throw known;
      }
      throw new HistoryException("the history cannot be asked: " + e.getCause(), e);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw new HistoryException("the history did not answer within " + PATIENCE, e);
    } catch (InterruptedException e) {
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new HistoryException("interrupted while the history was asked", e);
    }
  }

  /// Answers no more, and closes the file when what is being asked has been answered.
  @Override
  public void close() {
    try {
      executor.execute(this::closeFile);
    } catch (RejectedExecutionException _) {
      log().debug("too many questions to close the history in order");
    }
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        log().warn("the history was still being asked after {}", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HistoryFile open() {
    if (stale.getAndSet(false)) {
      closeFile();
    }
    HistoryFile open = file;
    if (open == null) {
      open = HistoryFile.open(path);
      file = open;
    }
    return open;
  }

  private void closeFile() {
    HistoryFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  /// Asked for when there is something to say: a start without trouble does without a logger.
  private static Logger log() {
    return LoggerFactory.getLogger(HistoryQuestions.class);
  }
}
