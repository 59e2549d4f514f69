package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// The one thread that writes: takes all that waits, appends it, syncs once, and tells everybody.
///
/// # Durability
///
/// What is published was written and then synced without an error. After an error nothing is tried
/// again in the same place: the kernel may have dropped the pages it could not write, and a second
/// sync would say yes to that. The segment is given up at its last synced position, what was in
/// flight fails, and a new segment is begun with the next group.
///
/// What nobody waits for is written at once all the same, so that a process that dies loses none of
/// it, and is synced with what somebody waits for: half of all syncs are saved.
final class Committer {

  /// Groups that may wait; a sender that finds the queue full waits until there is room.
  private static final int QUEUE = 4_096;

  /// Groups that go into one sync.
  private static final int BATCH = 1_024;

  private static final int BUFFER = 1 << 20;

  /// How long what nobody waits for may be written and not synced.
  private static final Duration SOON = Duration.ofMillis(20);

  private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

  private static final int SEAL_SIZE = LogRecord.size(0);

  private final ArrayBlockingQueue<Append> queue = new ArrayBlockingQueue<>(QUEUE);
  private final ConcurrentLinkedQueue<Append> again = new ConcurrentLinkedQueue<>();
  private final SegmentStore store;
  private final LogState state;
  private final Ticker ticker;
  private final int segmentSize;
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);

  /// What is published once it is written.
  private final List<Placed> toWrite = new ArrayList<>();

  /// What is published once it is synced.
  private final List<Placed> toSync = new ArrayList<>();

  private @Nullable Segment current;
  private int bufferStart;
  private boolean forceNeeded;
  private long unsyncedSince;
  private volatile boolean closing;

  private record Placed(Append append, Segment segment, int[] offsets) {}

  Committer(SegmentStore store, LogState state, int segmentSize, Ticker ticker) {
    this.store = store;
    this.state = state;
    this.segmentSize = segmentSize;
    this.ticker = ticker;
    this.thread = Thread.ofPlatform().name("spool-commit").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Queues a group; waits while the queue is full.
  void submit(Append append) {
    try {
      while (!queue.offer(append, 1, TimeUnit.SECONDS)) {
        if (closing) {
          throw closed();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SpoolException(Kind.CLOSED, "interrupted", e);
    }
    if (closing && !thread.isAlive()) {
      drainClosed();
    }
  }

  /// Writes what waits and ends.
  void close() throws InterruptedException {
    closing = true;
    // When it does not find room there is no need to wake anybody.
    var _ = queue.offer(new Wake());
    thread.join();
    drainClosed();
  }

  /// Has nothing to write; ends the wait for something to come.
  private static final class Wake extends Append {

    @Override
    List<Part> parts() {
      return List.of();
    }

    @Override
    void published(Segment segment, int[] offsets) {
      throw new IllegalStateException("nothing was written");
    }
  }

  private void drainClosed() {
    for (Append late = queue.poll(); late != null; late = queue.poll()) {
      late.fail(closed());
    }
  }

  private static SpoolException closed() {
    return new SpoolException(Kind.CLOSED, "the spool has been closed");
  }

  private void run() {
    List<Append> batch = new ArrayList<>(BATCH);
    while (true) {
      try {
        Append first = queue.poll(patience().toNanos(), TimeUnit.NANOSECONDS);
        if (first == null && closing && again.isEmpty()) {
          break;
        }
        forceNeeded |= !toSync.isEmpty() && (first == null || isLate());
        for (Append retried = again.poll(); retried != null; retried = again.poll()) {
          batch.add(retried);
        }
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH);
        }
        commit(batch);
      } catch (RuntimeException e) {
        // A bug must not end the one thread everybody waits for.
        IOException why = new IOException("the committer broke: " + e, e);
        giveUp(why);
        batch.forEach(append -> append.fail(exception(why)));
      } catch (InterruptedException e) {
        // Nobody interrupts this thread to good purpose; it ends by `close`.
        continue;
      }
      batch.clear();
    }
    Segment last = current;
    if (last != null) {
      try {
        seal(last);
      } catch (IOException e) {
        giveUp(e);
      }
    }
  }

  private Duration patience() {
    if (closing) {
      return Duration.ZERO;
    }
    return toSync.isEmpty() ? LONGEST_WAIT : SOON;
  }

  /// What is written has waited long enough for its sync.
  private boolean isLate() {
    return ticker.nanos() - unsyncedSince >= SOON.toNanos();
  }

  /// Writes a removal or states again that could not be written; not waited for by anybody.
  void again(Append append) {
    if (!closing) {
      again.add(append);
    }
  }

  private void commit(List<Append> batch) {
    for (Append append : batch) {
      if (!append.take()) {
        continue;
      }
      List<Append.Part> parts = append.parts();
      if (parts.isEmpty()) {
        append.endEmpty();
        continue;
      }
      try {
        place(append, parts);
      } catch (IOException e) {
        giveUp(e);
        append.fail(exception(e));
      } catch (SpoolException e) {
        append.fail(e);
      }
    }
    try {
      publish();
    } catch (IOException e) {
      giveUp(e);
    }
  }

  private void place(Append append, List<Append.Part> parts) throws IOException {
    int size = 0;
    for (Append.Part part : parts) {
      size = Math.addExact(size, LogRecord.size(part.length()));
    }
    if (size > segmentSize - Segment.HEADER - SEAL_SIZE) {
      throw new SpoolException(Kind.BROKEN, size + " bytes do not fit into a segment");
    }
    Segment segment = current;
    if (segment != null && position() + size + SEAL_SIZE > segmentSize) {
      seal(segment);
      segment = null;
    }
    if (segment == null) {
      segment = store.begin();
      segment.hints = new ByteArrayOutputStream();
      current = segment;
      bufferStart = segment.end;
    }
    int[] offsets = new int[parts.size()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = position();
      int follows = i > 0 ? LogRecord.FOLLOWS : 0;
      write(
          segment, parts.get(i), i < offsets.length - 1 ? follows | LogRecord.CONTINUES : follows);
    }
    Append.Sync sync = append.sync();
    if (sync != Append.Sync.LATER && toSync.isEmpty()) {
      unsyncedSince = ticker.nanos();
    }
    (sync == Append.Sync.LATER ? toWrite : toSync).add(new Placed(append, segment, offsets));
    forceNeeded |= sync == Append.Sync.NOW;
  }

  private int position() {
    return bufferStart + buffer.position();
  }

  private void write(Segment segment, Append.Part part, int flags) throws IOException {
    int length = part.length();
    int all = position() == segment.forcedEnd ? flags | LogRecord.SYNCED : flags;
    int checksum = LogRecord.checksum(part.crc(), segment.key, length, part.type(), all, part.id());
    if (buffer.remaining() < LogRecord.HEADER) {
      flush(segment);
    }
    LogRecord.header(buffer, segment.key, length, part.type(), all, checksum, part.id());
    put(segment, part.head(), part.head().length);
    put(segment, part.content(), part.contentLength());
    put(segment, new byte[8], LogRecord.size(length) - LogRecord.HEADER - length);
  }

  private void put(Segment segment, byte[] bytes, int length) throws IOException {
    int from = 0;
    while (from < length) {
      if (!buffer.hasRemaining()) {
        flush(segment);
      }
      int piece = Math.min(buffer.remaining(), length - from);
      buffer.put(bytes, from, piece);
      from += piece;
    }
  }

  private void flush(Segment segment) throws IOException {
    int length = buffer.position();
    if (length > 0) {
      buffer.flip();
      segment.file.write(buffer, bufferStart);
      bufferStart += length;
      buffer.clear();
    }
  }

  /// Writes all that was placed, makes it durable when somebody waits for that, and tells everybody
  /// whose wait is over.
  private void publish() throws IOException {
    Segment segment = current;
    if (segment == null) {
      return;
    }
    flush(segment);
    boolean synced = forceNeeded;
    if (synced) {
      segment.file.force();
      segment.forcedEnd = bufferStart;
      forceNeeded = false;
    }
    state.end(segment, bufferStart);
    publish(toWrite);
    if (synced) {
      publish(toSync);
    }
  }

  private static void publish(List<Placed> over) {
    for (Placed each : over) {
      each.append().publish(each.segment(), each.offsets());
    }
    for (Placed each : over) {
      each.append().done.complete(null);
    }
    over.clear();
  }

  private void seal(Segment segment) throws IOException {
    write(segment, Append.Part.of(LogRecord.Type.SEAL, 0, Append.Part.NOTHING), 0);
    forceNeeded = true;
    publish();
    current = null;
    state.seal(segment, ticker.nanos());
  }

  private void giveUp(IOException cause) {
    SpoolException why = exception(cause);
    Segment segment = current;
    current = null;
    buffer.clear();
    for (List<Placed> lost : List.of(toWrite, toSync)) {
      lost.forEach(each -> each.append().fail(why));
      lost.clear();
    }
    forceNeeded = false;
    if (segment != null) {
      state.end(segment, segment.forcedEnd);
      segment.failed = true;
      // They tell of settlements that were written, not synced, and are cut off now. And what
      // cannot
      // be cut off is read by the next start, whatever it is. In both cases the start with hints
      // would see something else than one after it that has lost them.
      segment.hints = null;
      try {
        store.end(segment, true);
      } catch (IOException e) {
        // The next start reads it to its end.
      }
      state.seal(segment, ticker.nanos());
    }
  }

  private static SpoolException exception(IOException e) {
    String text = String.valueOf(e.getMessage());
    boolean full = text.contains("No space left") || text.contains("quota exceeded");
    return new SpoolException(full ? Kind.FULL : Kind.BROKEN, text, e);
  }
}
