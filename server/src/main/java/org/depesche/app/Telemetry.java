package org.depesche.app;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
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
  void measure(
      Spool spool,
      Dispatcher dispatcher,
      IntSupplier sessions,
      Supplier<Optional<Instant>> certificates) {
    metrics.gauge(Metrics.Gauge.SESSIONS, sessions::getAsInt);
    metrics.gauge(Metrics.Gauge.QUEUE_MESSAGES, () -> count(dispatcher, QueueCounts::messages));
    metrics.gauge(Metrics.Gauge.QUEUE_WAITING, () -> count(dispatcher, QueueCounts::waiting));
    metrics.gauge(Metrics.Gauge.QUEUE_RUNNING, () -> count(dispatcher, QueueCounts::running));
    metrics.gauge(Metrics.Gauge.QUEUE_HELD, () -> count(dispatcher, QueueCounts::held));
    metrics.gauge(
        Metrics.Gauge.QUEUE_DESTINATIONS, () -> count(dispatcher, QueueCounts::destinations));
    metrics.gauge(Metrics.Gauge.SPOOL_MESSAGES, () -> spool.usage().messages());
    metrics.gauge(Metrics.Gauge.SPOOL_BYTES, () -> spool.usage().bytes());
    metrics.gauge(Metrics.Gauge.DISK_FREE_BYTES, () -> spool.usage().usableBytes());
    metrics.gauge(
        Metrics.Gauge.CERTIFICATE_EXPIRY,
        () -> certificates.get().map(end -> end.toEpochMilli() / 1000.0).orElse(Double.NaN));
    Runtime runtime = Runtime.getRuntime();
    metrics.gauge(Metrics.Gauge.HEAP_BYTES, () -> runtime.totalMemory() - runtime.freeMemory());
    metrics.gauge(Metrics.Gauge.HEAP_LIMIT_BYTES, runtime::maxMemory);
    metrics.gauge(
        Metrics.Gauge.THREADS, () -> ManagementFactory.getThreadMXBean().getThreadCount());
    double started = clock.millis() / 1000.0;
    metrics.gauge(Metrics.Gauge.STARTED, () -> started);
    metrics.tally(Metrics.Tally.EVENTS_LOST, events::lost);
    metrics.tally(Metrics.Tally.CONSUMER_FAILURES, events::failures);
    metrics.tally(Metrics.Tally.LOG_LINES_LOST, log::lostLines);
    metrics.tally(Metrics.Tally.HISTORY_DROPPED, history::dropped);
    metrics.tally(Metrics.Tally.HISTORY_SET_ASIDE, history::setAside);
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
