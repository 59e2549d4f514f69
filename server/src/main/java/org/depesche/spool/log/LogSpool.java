package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.time.Ticker;

/// The spool as a log of segment files with group commit.
///
/// # Files
///
/// `<sequence>.log` are segments, `<sequence>.hint` what a start needs of them, `<n>.spare` free
/// segments kept for reuse, `lock` keeps a second process out, `format` says the version,
/// `damaged/` is what was set aside.
///
/// # Concurrency
///
/// One thread writes and syncs (`Committer`), one keeps house (`Maintenance`). Sessions encode
/// their own message and park until their group is on disk. `LogState` is the one lock; nothing
/// blocks while holding it.
public final class LogSpool implements Spool {

  private final LogSpoolSettings settings;
  private final InstantSource clock;
  private final LogState state;
  private final SegmentStore store;
  private final Committer committer;
  private final Maintenance maintenance;
  private final FileChannel lockFile;
  private final AtomicLong lastId;
  private final List<Damage> damages;
  private final Set<Damage> noted = ConcurrentHashMap.newKeySet();
  private final List<Consumer<StoredEnvelope>> listeners = new CopyOnWriteArrayList<>();

  private final Crowds crowds = new Crowds();
  private volatile boolean closed;

  /// Opens a spool, making it if need be.
  ///
  /// @throws SpoolException when the folder cannot be used, another process has it, or a later
  ///   version wrote it
  public static LogSpool open(LogSpoolSettings settings, InstantSource clock, Ticker ticker) {
    return open(settings, clock, ticker, new SecureRandom(), new DiskFiles());
  }

  /// @param chance makes what nobody must guess who writes messages
  static LogSpool open(
      LogSpoolSettings settings,
      InstantSource clock,
      Ticker ticker,
      RandomGenerator chance,
      FileLayer files) {
    try {
      FileChannel lock = SpoolFolder.lock(settings.path());
      LogState state = new LogState();
      SegmentStore store = new SegmentStore(settings.path(), files, state, chance);
      try {
        Recovery recovery = new Recovery(store, state, SpoolFolder.checkFormat(settings.path()));
        recovery.run();
        return new LogSpool(settings, clock, ticker, state, store, recovery, lock);
      } catch (IOException | RuntimeException e) {
        store.closeAll();
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new SpoolException(
          Kind.BROKEN, "cannot open the spool " + settings.path() + ": " + e.getMessage(), e);
    }
  }

  private LogSpool(
      LogSpoolSettings settings,
      InstantSource clock,
      Ticker ticker,
      LogState state,
      SegmentStore store,
      Recovery recovery,
      FileChannel lockFile)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.state = state;
    this.store = store;
    this.lockFile = lockFile;
    this.damages = new CopyOnWriteArrayList<>(recovery.damages());
    this.lastId = new AtomicLong(state.highestId());
    this.committer = new Committer(store, state, settings.segmentSize(), ticker);
    this.maintenance = new Maintenance(this, store, state, settings, ticker);
    committer.start();
    maintenance.start();
  }

  /// What was found damaged when the spool was opened, and since.
  public List<Damage> damages() {
    return List.copyOf(damages);
  }

  @Override
  public SpoolWriter begin() {
    refuseClosed();
    if (maintenance.usableBytes() < settings.lowSpaceBytes()) {
      throw new SpoolException(
          Kind.FULL,
          maintenance.usableBytes()
              + " bytes are left on the disk, spool.low-space is "
              + settings.lowSpaceBytes());
    }
    long id = lastId.updateAndGet(last -> EnvelopeId.next(last, clock.millis()).value());
    return new LogWriter(this, new EnvelopeId(id));
  }

  @Override
  public Optional<StoredMessage> open(EnvelopeId id) {
    refuseClosed();
    LogState.Pinned pinned = state.pin(id.value());
    if (pinned == null) {
      return Optional.empty();
    }
    boolean opened = false;
    try {
      LogState.Place place = pinned.place();
      byte[] record =
          readRecord(
              place.segment(), place.offset(), place.length(), LogRecord.Type.MESSAGE, id.value());
      MessagePayload payload =
          MessagePayload.decode(record, LogRecord.HEADER, record.length - LogRecord.HEADER);
      EnvelopeCodec.Head head = head(id.value(), payload);
      LogContent content =
          new LogContent(
              this,
              pinned,
              id.value(),
              payload.chunks(),
              record,
              LogRecord.HEADER + payload.contentOffset());
      StoredEnvelope envelope =
          new StoredEnvelope(
              id,
              head.receivedAt(),
              content.size() + prefixSize(head),
              head.envelope(),
              EnvelopeScan.states(place.states(), head));
      opened = true;
      return Optional.of(new StoredMessage(envelope, head.prefix(), content));
    } catch (IOException e) {
      throw new SpoolException(Kind.BROKEN, String.valueOf(e.getMessage()), e);
    } finally {
      if (!opened) {
        unpin(pinned);
      }
    }
  }

  private EnvelopeCodec.Head head(long id, MessagePayload payload) throws IOException {
    EnvelopeCodec.Head known = crowds.known(id);
    if (known != null) {
      return known;
    }
    EnvelopeCodec.Head read = EnvelopeCodec.decode(payload.head());
    crowds.remember(id, read);
    return read;
  }

  /// Reads a record and checks it; its payload begins behind the header and ends with the array.
  byte[] readRecord(int sequence, int offset, int length, LogRecord.Type type, long id)
      throws IOException {
    Segment segment = state.segment(sequence);
    if (segment == null) {
      throw new IOException("segment " + sequence + " is missing");
    }
    Damage damage = damage(segment, offset, length, type, id);
    byte[] record = new byte[LogRecord.HEADER + length];
    int read = new PatientReader(segment).read(ByteBuffer.wrap(record), offset);
    LogRecord.Header header = LogRecord.parse(ByteBuffer.wrap(record), segment.key, record.length);
    if (read < record.length
        || header == null
        || header.type() != type
        || header.id() != id
        || header.length() != length
        || !LogRecord.isGood(header, record, LogRecord.HEADER, segment.key)) {
      if (noted.add(damage)) {
        note(damage, segment, read);
        if (type == LogRecord.Type.CHUNK) {
          keep(id);
        }
      }
      throw new IOException(damage.toString());
    }
    return record;
  }

  private static Damage damage(
      Segment segment, int offset, int length, LogRecord.Type type, long id) {
    String what = "a " + type + " record of " + new EnvelopeId(id);
    return new Damage(segment.path, offset, LogRecord.HEADER + length, what);
  }

  /// Remembers damage and keeps a copy of it, as far as there is anything of it.
  private void note(Damage damage, Segment segment, int length) {
    damages.add(length > 0 ? store.damaged().copy(segment, damage) : damage);
    if (segment.kept && !segment.onlyByHints) {
      store.forgetHints(segment);
    }
  }

  /// Keeps a copy of a message whose chunk is damaged. The one is no use without the other, and the
  /// message may be given up and go.
  private void keep(long id) {
    LogState.Place place = state.place(id);
    Segment home = place == null ? null : state.segment(place.segment());
    if (place != null && home != null) {
      LogRecord.Type type = LogRecord.Type.MESSAGE;
      var _ = store.damaged().copy(home, damage(home, place.offset(), place.length(), type, id));
    }
  }

  static int prefixSize(EnvelopeCodec.Head head) {
    return head.prefix().getBytes(UTF_8).length;
  }

  static RecipientState fresh(Instant receivedAt) {
    return new RecipientState.Waiting(0, receivedAt, false, "");
  }

  @Override
  public CompletableFuture<Void> settle(Settlement settlement) {
    SettleAppend append = new SettleAppend(this, settlement);
    if (append.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    try {
      submit(append);
    } catch (SpoolException e) {
      append.fail(e);
    }
    return append.done;
  }

  @Override
  public void scan(Consumer<StoredEnvelope> each) {
    refuseClosed();
    // A message that is moved while its old and its new place are looked at would be seen at
    // neither.
    EnvelopeScan scan = new EnvelopeScan(state, store, damages, each);
    maintenance.whileNothingMoves(scan::run);
  }

  @Override
  public void onCommit(Consumer<StoredEnvelope> listener) {
    listeners.add(listener);
  }

  @Override
  public Usage usage() {
    return new Usage(state.messages(), state.bytes(), maintenance.usableBytes());
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      maintenance.close();
      committer.close();
      maintenance.writeLastHints();
      store.closeAll();
      lockFile.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new SpoolException(Kind.BROKEN, "cannot close the spool: " + e.getMessage(), e);
    }
  }

  LogSpoolSettings settings() {
    return settings;
  }

  LogState state() {
    return state;
  }

  Committer committer() {
    return committer;
  }

  void submit(Append append) {
    refuseClosed();
    committer.submit(append);
  }

  private void refuseClosed() {
    if (closed) {
      throw new SpoolException(Kind.CLOSED, "the spool has been closed");
    }
  }

  void unpin(LogState.Pinned pinned) {
    state.unpin(pinned);
  }

  void tell(StoredEnvelope envelope) {
    listeners.forEach(listener -> listener.accept(envelope));
  }

  /// Removes what was made durable after its sender had been told that it was not.
  void removeAgain(long id) {
    SettleAppend.removal(this, id).ifPresent(committer::again);
  }

  /// Adds to the hints of a segment that is being written.
  static void hints(Segment segment, Consumer<ByteArrayOutputStream> entry) {
    ByteArrayOutputStream gathered = segment.hints;
    if (gathered != null) {
      synchronized (gathered) {
        entry.accept(gathered);
      }
    }
  }

  /// The messages of notifications, as this spool made them.
  static List<LogWriter> writers(Settlement settlement) {
    List<LogWriter> writers = new ArrayList<>();
    for (SpoolWriter writer : settlement.notifications()) {
      if (!(writer instanceof LogWriter own)) {
        throw new IllegalArgumentException("a notification of another spool");
      }
      own.refuseUnlessComplete();
      writers.add(own);
    }
    writers.forEach(LogWriter::carried);
    return writers;
  }
}
