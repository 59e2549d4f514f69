package org.depesche.spool.log;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;

/// Records to be appended as one group, and what is to be done when they are on disk.
abstract class Append {

  /// One record: its payload is `head` and then the first `contentLength` bytes of `content`.
  record Part(
      LogRecord.Type type, long id, byte[] head, byte[] content, int contentLength, CRC32C crc) {

    static final byte[] NOTHING = {};

    static Part of(LogRecord.Type type, long id, byte[] head, byte[] content, int contentLength) {
      CRC32C crc = new CRC32C();
      crc.update(head);
      crc.update(content, 0, contentLength);
      return new Part(type, id, head, content, contentLength, crc);
    }

    static Part of(LogRecord.Type type, long id, byte[] payload) {
      return of(type, id, payload, NOTHING, 0);
    }

    int length() {
      return head.length + contentLength;
    }
  }

  private enum Progress {
    /// In the queue.
    QUEUED,
    /// The committer writes it.
    TAKEN,
    /// Nobody waits for it any more; it is not to be written.
    CANCELLED,
    /// Nobody waits for it any more, and it is being written.
    ABANDONED,
    /// On disk and published, or failed.
    DONE
  }

  private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.QUEUED);
  final CompletableFuture<Void> done = new CompletableFuture<>();

  /// The records. Asked for on the committing thread, once; empty when there is nothing to write
  /// any more.
  abstract List<Part> parts();

  /// When it has to be on stable storage.
  enum Sync {
    /// Somebody waits for it.
    NOW,
    /// Nobody waits: with the next group that somebody waits for, or some moments later.
    SOON,
    /// With something that follows, whose sync is the only one that counts. It is published as soon
    /// as it is written.
    LATER
  }

  Sync sync() {
    return Sync.NOW;
  }

  /// The records are durable (or written, where a sync comes later). On the committing thread.
  ///
  /// @param offsets where each record begins
  abstract void published(Segment segment, int[] offsets);

  /// The records are durable, but whoever wanted that has been told that they are not. On the
  /// committing thread.
  void abandoned(Segment segment, int[] offsets) {
    published(segment, offsets);
  }

  /// The records are not durable. On the committing thread.
  void failed(SpoolException why) {}

  /// Nobody waited long enough, and nothing was written. On the thread that gave up.
  void cancelled() {}

  final boolean take() {
    return progress.compareAndSet(Progress.QUEUED, Progress.TAKEN);
  }

  /// Nobody waits any more. True when it will not take effect; false when it already has.
  final boolean giveUp() {
    if (progress.compareAndSet(Progress.QUEUED, Progress.CANCELLED)) {
      cancelled();
      return true;
    }
    return progress.compareAndSet(Progress.TAKEN, Progress.ABANDONED);
  }

  /// Waits until it is durable.
  ///
  /// @throws SpoolException when it is not; it takes no effect then
  final void await(Duration most) {
    try {
      done.get(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (giveUp()) {
        throw new SpoolException(Kind.SLOW, "not on disk within " + most, e);
      }
      ended();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (giveUp()) {
        throw new SpoolException(Kind.CLOSED, "interrupted", e);
      }
      ended();
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /// It was too late to give it up, so its end is near.
  private void ended() {
    try {
      done.join();
    } catch (CompletionException e) {
      throw failure(e);
    }
  }

  private static SpoolException failure(Exception e) {
    // A new one, so that the trace says who waited.
    return e.getCause() instanceof SpoolException known
        ? new SpoolException(known.kind(), String.valueOf(known.getMessage()), known)
        : new SpoolException(Kind.BROKEN, String.valueOf(e.getMessage()), e);
  }

  final void publish(Segment segment, int[] offsets) {
    if (progress.getAndSet(Progress.DONE) == Progress.TAKEN) {
      published(segment, offsets);
    } else {
      abandoned(segment, offsets);
    }
  }

  /// There was nothing to write any more: ends it now or later. On the committing thread.
  void endEmpty() {
    fail(new SpoolException(Kind.BROKEN, "what was written of it before is lost"));
  }

  /// Ends it with success though nothing was written: what it wanted is void, or done by another.
  final void endMoot() {
    progress.set(Progress.DONE);
    done.complete(null);
  }

  /// Ends it without success; does nothing when it has ended.
  final void fail(SpoolException why) {
    Progress before = progress.getAndSet(Progress.DONE);
    if (before != Progress.DONE && before != Progress.CANCELLED) {
      failed(why);
    }
    done.completeExceptionally(why);
  }
}
