package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.depesche.spool.SpoolException;
import org.depesche.time.Ticker;

/// Keeps house beside the mail: measures the disk, writes hints, frees segments, and empties those
/// in which little is needed by moving it to the end of the log.
final class Maintenance {

  private static final Duration PERIOD = Duration.ofMillis(250);

  /// A segment is left alone this long after it was sealed: most of what is in it will be gone soon
  /// by itself.
  private static final Duration REST = Duration.ofSeconds(5);

  /// A segment is worth emptying when less than this part of it is needed.
  private static final double SPARSE = 0.25;

  private final LogSpool spool;
  private final SegmentStore store;
  private final LogState state;
  private final LogSpoolSettings settings;
  private final Ticker ticker;
  private final Thread thread;
  private final ReentrantLock moving = new ReentrantLock();
  private volatile long usable;
  private volatile boolean closing;

  Maintenance(
      LogSpool spool, SegmentStore store, LogState state, LogSpoolSettings settings, Ticker ticker)
      throws IOException {
    this.spool = spool;
    this.store = store;
    this.state = state;
    this.settings = settings;
    this.ticker = ticker;
    this.usable = store.usableBytes();
    // What an earlier run has left behind has rested.
    state.segments().forEach(s -> s.sealedAt = ticker.nanos() - REST.toNanos());
    this.thread = Thread.ofPlatform().daemon().name("spool-house").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  long usableBytes() {
    return usable;
  }

  /// Runs something while every segment and every message stays where it is.
  void whileNothingMoves(Runnable action) {
    moving.lock();
    try {
      action.run();
    } finally {
      moving.unlock();
    }
  }

  /// Writes the hints of all that is sealed, for a quick start. Best effort.
  void writeLastHints() {
    try {
      writeHints();
    } catch (IOException e) {
      // The next start reads the segment itself.
    }
  }

  void close() throws InterruptedException {
    closing = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  private void run() {
    while (!closing) {
      moving.lock();
      try {
        round();
      } catch (IOException | SpoolException e) {
        // The disk is in trouble, which whoever commits hears of; this is tried again.
      } finally {
        moving.unlock();
      }
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }

  private void round() throws IOException {
    usable = store.usableBytes();
    if (usable < settings.lowSpaceBytes()) {
      store.dropSpares();
    }
    // Before anything that needs space.
    free();
    writeHints();
    Optional<Segment> sparse = sparse();
    if (sparse.isPresent()) {
      empty(sparse.get());
    }
  }

  /// One after the other, oldest first: a newer one may hold the removals of what an older one
  /// holds, and must stay as long as that one's name may come back.
  private void free() throws IOException {
    for (Segment free = state.oldestFree(); free != null; free = state.oldestFree()) {
      store.free(free, settings.segmentSize());
      state.remove(free);
    }
  }

  private void writeHints() throws IOException {
    for (Segment segment : state.segments()) {
      ByteArrayOutputStream gathered = segment.hints;
      if (segment.sealed && gathered != null && segment.live > 0 && !segment.kept) {
        store.writeHints(segment, gathered.toByteArray());
        segment.hints = null;
      }
    }
  }

  /// The oldest segment that is worth emptying. Old ones first, because newer ones may have to wait
  /// for them.
  private Optional<Segment> sparse() {
    long now = ticker.nanos();
    return state.segments().stream()
        .filter(s -> s.sealed && !s.stuck && s.live > 0 && now - s.sealedAt >= REST.toNanos())
        .filter(s -> s.liveBytes < SPARSE * Math.min(s.end, settings.segmentSize()))
        .min(Comparator.comparingInt(s -> s.sequence));
  }

  private void empty(Segment segment) {
    for (long id : state.messagesIn(segment.sequence)) {
      if (closing) {
        return;
      }
      try {
        move(id);
      } catch (IOException e) {
        // The damage has been noted; nothing else is held up by it.
        segment.stuck = true;
      }
    }
  }

  /// Writes a message again at the end of the log.
  private void move(long id) throws IOException {
    LogState.Pinned pinned = state.pin(id);
    if (pinned == null) {
      return;
    }
    try {
      MoveAppend.move(spool, id, pinned.place());
    } finally {
      spool.unpin(pinned);
    }
  }
}
