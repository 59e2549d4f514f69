package org.depesche.telemetry;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.depesche.mail.EnvelopeId;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// What happened to every message, on disk and in order, for as long as the settings say.
///
/// **Threads.** `consume` puts events into a buffer of its own and returns; one platform thread
/// owns the connection and writes a transaction for each batch. Questions are answered by another
/// thread with a connection of its own (`HistoryQuestions`).
///
/// **Loss.** Nothing here ever holds up mail. What comes faster than it can be written is dropped
/// and counted; so is what comes while the database cannot be written, which is tried again every
/// `RETRY`. A damaged database is set aside and begun anew. A power cut costs about the last second
/// (`synchronous=NORMAL`).
public final class History implements EventConsumer, Timelines {

  /// Events that may wait to be written.
  private static final int CAPACITY = 65_536;

  /// How long the first event of a transaction waits for others.
  private static final Duration LINGER = Duration.ofMillis(200);

  /// How often age is looked after when nothing happens.
  private static final Duration REST = Duration.ofMinutes(1);

  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final Duration BUSY = Duration.ofSeconds(2);
  private static final int CACHE_KIB = 8 * 1024;
  private static final int CHECKPOINT_PAGES = 4_000;
  private static final int JOURNAL_BYTES = 32 * 1024 * 1024;

  private final Path file;
  private final HistorySettings settings;
  private final InstantSource clock;
  private final Ticker ticker;
  private final HistoryQuestions questions;
  private final EventBuffer buffer = new EventBuffer(CAPACITY, LINGER);
  private final LongAdder unwritten = new LongAdder();
  private final LongAdder setAside = new LongAdder();

  /// Null before `start`.
  private volatile @Nullable Thread thread;

  /// Null while the database is not open. The writing thread's own, as are those below.
  private @Nullable HistoryWriter writer;

  private boolean inTrouble;
  private long troubleNanos;
  private long dropsTold;

  /// @param file the database; its folder has to exist and belong to this process alone
  public History(Path file, HistorySettings settings, InstantSource clock, Ticker ticker) {
    this.file = file;
    this.settings = settings;
    this.clock = clock;
    this.ticker = ticker;
    this.questions = new HistoryQuestions(file);
  }

  /// Begins to write, also what was consumed before.
  public void start() {
    thread = Thread.ofPlatform().name("history").daemon().start(this::run);
  }

  @Override
  public void consume(List<MailEvent> batch) {
    buffer.offer(batch);
  }

  /// Events that are missing in the history: it could not keep up, or could not be written.
  public long dropped() {
    return buffer.lost() + unwritten.sum();
  }

  /// Databases set aside because they were damaged.
  public long setAside() {
    return setAside.sum();
  }

  /// Writes what waits, within a bounded time, and closes the database. Whoever reads it goes
  /// first: the last to close it takes its journal in.
  @Override
  public void close() {
    buffer.close();
    questions.close();
    Thread running = thread;
    try {
      if (running != null && !running.join(CLOSE_PATIENCE)) {
        log().warn("the history was still being written after {}; giving up on it", CLOSE_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public List<MailEvent> timeline(EnvelopeId eid) {
    return questions.ask(found -> found.timeline(eid));
  }

  @Override
  public List<MailEvent.Refused> refusals(String sid) {
    return questions.ask(found -> found.refusals(sid));
  }

  @Override
  public List<MailEvent.Accepted> messages(String address, int limit) {
    return questions.ask(found -> found.messages(address, limit));
  }

  @Override
  public List<MailEvent.Refused> refusalsFor(String address, int limit) {
    return questions.ask(found -> found.refusalsFor(address, limit));
  }

  private void run() {
    try {
      NativeFolder.prepare(file.resolveSibling("native").toAbsolutePath());
    } catch (IOException e) {
      log().warn("SQLite's library goes to the temporary folder: {}", e.toString());
    }
    List<MailEvent> batch = new ArrayList<>();
    boolean more = record(batch);
    while (!buffer.isDone()) {
      batch = buffer.take(batch, more ? LINGER : REST);
      more = record(batch);
      batch.clear();
      tellDrops();
    }
    closeWriter();
  }

  /// Writes a batch, or drops it.
  ///
  /// @return true when there is more to forget
  private boolean record(List<MailEvent> batch) {
    if (inTrouble && ticker.nanos() - troubleNanos < RETRY.toNanos()) {
      unwritten.add(batch.size());
      return false;
    }
    try {
      if (questions.takeDamageSeen()) {
        throw new HistorySchema.Unusable("found while reading");
      }
      return write(batch);
    } catch (SQLException | IOException | LinkageError | RuntimeException e) {
      closeWriter();
      if (HistorySchema.isDamage(e) && setAsideFor(e)) {
        return recordAnew(batch);
      }
      trouble(e, batch.size());
      return false;
    }
  }

  private boolean recordAnew(List<MailEvent> batch) {
    try {
      return write(batch);
    } catch (SQLException | IOException | RuntimeException e) {
      closeWriter();
      trouble(e, batch.size());
      return false;
    }
  }

  private boolean write(List<MailEvent> batch) throws SQLException, IOException {
    HistoryWriter open = writer;
    if (open == null) {
      open = open();
      writer = open;
    }
    Instant now = clock.instant();
    boolean more = open.write(batch, settings, now);
    if (inTrouble) {
      log().info("the history can be written again");
      inTrouble = false;
    }
    return more;
  }

  private HistoryWriter open() throws SQLException, IOException {
    PrivateFile.create(file);
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setBusyTimeout((int) BUSY.toMillis());
    config.setCacheSize(-CACHE_KIB);
    config.setJournalSizeLimit(JOURNAL_BYTES);
    Connection connection = config.createConnection("jdbc:sqlite:" + file);
    try {
      try (var statement = connection.createStatement()) {
        statement.execute("PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
      }
      connection.setAutoCommit(false);
      HistorySchema.prepare(connection);
      HistoryWriter opened = new HistoryWriter(connection);
      connection.commit();
      return opened;
    } catch (SQLException e) {
      connection.close();
      // A table or column is missing.
      boolean foreign =
          e instanceof SQLiteException s && s.getResultCode() == SQLiteErrorCode.SQLITE_ERROR;
      throw foreign ? new HistorySchema.Unusable(String.valueOf(e.getMessage())) : e;
    }
  }

  private void closeWriter() {
    HistoryWriter open = writer;
    writer = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        log().warn("closing the history: {}", e.toString());
      }
    }
  }

  private boolean setAsideFor(Throwable cause) {
    try {
      Path kept = DamagedFiles.setAside(file, clock.instant());
      setAside.increment();
      questions.reopen();
      log()
          .error(
              "the history is damaged ({}); it was set aside as {} and is begun anew",
              cause.getMessage(),
              kept);
      return true;
    } catch (IOException e) {
      log().error("the damaged history cannot be set aside: {}", e.toString());
      return false;
    }
  }

  private void trouble(Throwable cause, int events) {
    if (!inTrouble) {
      log().error("the history cannot be written: {}", cause.toString());
    }
    inTrouble = true;
    troubleNanos = ticker.nanos();
    unwritten.add(events);
  }

  private void tellDrops() {
    long drops = dropped();
    // Powers of two: lasting overload does not flood the log.
    if (drops > 0 && drops >= 2 * dropsTold) {
      log().warn("{} events are missing in the history so far", drops);
      dropsTold = drops;
    }
  }

  /// Asked for when there is something to say: a start without trouble does without a logger.
  private static Logger log() {
    return LoggerFactory.getLogger(History.class);
  }
}
