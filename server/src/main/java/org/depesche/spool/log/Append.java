package org.depesche.spool.log;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.depesche.spool.SpoolException;

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

  /// False for what may wait for a sync that is made for something else.
  boolean needsForce() {
    return true;
  }

  /// The records are durable (or written, when no force was asked for). On the committing thread.
  ///
  /// @param offsets where each record begins
  abstract void published(Segment segment, int[] offsets);

  /// The records are durable, but whoever wanted that has been told that they are not. On the
  /// committing thread.
  void abandoned(Segment segment, int[] offsets) {
    published(segment, offsets);
  }

  /// The records are not durable.
  void failed(SpoolException why) {}

  final boolean take() {
    return progress.compareAndSet(Progress.QUEUED, Progress.TAKEN);
  }

  /// Nobody waits any more. True when it will not take effect; false when it already has.
  final boolean giveUp() {
    return progress.compareAndSet(Progress.QUEUED, Progress.CANCELLED)
        || progress.compareAndSet(Progress.TAKEN, Progress.ABANDONED);
  }

  final void publish(Segment segment, int[] offsets) {
    if (progress.compareAndSet(Progress.TAKEN, Progress.DONE)) {
      published(segment, offsets);
    } else {
      abandoned(segment, offsets);
    }
  }

  final void fail(SpoolException why) {
    progress.set(Progress.DONE);
    failed(why);
    done.completeExceptionally(why);
  }
}
