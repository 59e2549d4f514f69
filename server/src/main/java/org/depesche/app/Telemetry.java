package org.depesche.app;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.depesche.config.Settings;
import org.depesche.queue.Dispatcher;
import org.depesche.queue.QueueCounts;
import org.depesche.spool.Spool;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.EventStream;
import org.depesche.telemetry.History;
import org.depesche.telemetry.HistoryFile;
import org.depesche.telemetry.HistorySettings;
import org.depesche.telemetry.MailEvent;
import org.depesche.telemetry.MailLog;
import org.depesche.telemetry.Metrics;
import org.depesche.telemetry.Timelines;
import org.depesche.time.Ticker;

/// The event stream and what it feeds.
final class Telemetry {

  private static final long MAX_REFUSALS = 1_000_000;

  private final InstantSource clock;
  private final MailLog log;
  private final History history;
  private final Metrics metrics = new Metrics();
  private final EventStream events;

  Telemetry(Settings settings, InstantSource clock, Ticker ticker) {
    this.clock = clock;
    String target = settings.expand(settings.log().mail());
    this.log =
        target.equals("-") ? MailLog.toStream(System.out) : MailLog.toFile(Path.of(target), ticker);
    this.history =
        new History(
            settings.dataFolder().resolve(HistoryFile.NAME),
            new HistorySettings(
                settings.history().keep(), settings.history().maxMessages(), MAX_REFUSALS),
            clock,
            ticker);
    this.events = new EventStream(List.of(log, history, metrics));
  }

  void start() {
    history.start();
    events.start();
  }

  EventSink events() {
    return events;
  }

  Timelines timelines() {
    return history;
  }

  String text() {
    return metrics.text();
  }

  void note(String what, String detail) {
    events.emit(new MailEvent.Noted(clock.instant(), what, detail));
  }

  /// Registers what is measured when somebody asks.
  void measure(Spool spool, Dispatcher dispatcher, IntSupplier sessions) {
    metrics.gauge("depesche_sessions", "Open sessions.", sessions::getAsInt);
    metrics.gauge(
        "depesche_queue_messages",
        "Messages with something to do.",
        () -> count(dispatcher, QueueCounts::messages));
    metrics.gauge(
        "depesche_queue_waiting",
        "Deliveries that wait.",
        () -> count(dispatcher, QueueCounts::waiting));
    metrics.gauge(
        "depesche_queue_running",
        "Attempts that run.",
        () -> count(dispatcher, QueueCounts::running));
    metrics.gauge(
        "depesche_queue_held",
        "Recipients that wait for an operator.",
        () -> count(dispatcher, QueueCounts::held));
    metrics.gauge("depesche_spool_messages", "Messages stored.", () -> spool.usage().messages());
    metrics.gauge("depesche_spool_bytes", "Bytes of the spool.", () -> spool.usage().bytes());
    metrics.gauge(
        "depesche_disk_usable_bytes",
        "Bytes left on the spool's disk.",
        () -> spool.usage().usableBytes());
    Runtime runtime = Runtime.getRuntime();
    metrics.gauge(
        "depesche_heap_used_bytes",
        "Java heap in use.",
        () -> runtime.totalMemory() - runtime.freeMemory());
    metrics.counter("depesche_events_lost", "Events that no consumer took in time.", events::lost);
    metrics.counter(
        "depesche_history_dropped", "Events the history could not keep up with.", history::dropped);
    metrics.counter(
        "depesche_log_lines_lost", "Mail log lines that could not be written.", log::lostLines);
  }

  private static double count(Dispatcher dispatcher, ToDoubleFunction<QueueCounts> which) {
    try {
      return which.applyAsDouble(dispatcher.counts().get(2, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Double.NaN;
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      return Double.NaN;
    }
  }

  void close() {
    events.close();
  }
}
