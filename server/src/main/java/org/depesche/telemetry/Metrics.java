package org.depesche.telemetry;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/// Numbers made from events, and gauges read when somebody asks, in the text format of Prometheus.
/// Label values come from closed sets, never from input.
public final class Metrics implements EventConsumer {

  /// What `text` is, for HTTP.
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final Set<String> COMMANDS =
      Set.of(
          "CONNECT",
          "EHLO",
          "HELO",
          "LHLO",
          "MAIL",
          "RCPT",
          "DATA",
          "BDAT",
          "RSET",
          "NOOP",
          "QUIT",
          "VRFY",
          "EXPN",
          "HELP",
          "STARTTLS",
          "AUTH");
  private static final Set<String> SESSION_ENDS =
      Set.of("quit", "timeout", "lost", "errors", "shutdown", "refused", "tls");
  private static final String OTHER = "other";
  private static final double[] SECONDS = {
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300
  };
  private static final double[] DELAY_SECONDS = {
    0.01, 0.1, 0.5, 1, 5, 30, 60, 300, 900, 3600, 14_400, 86_400, 432_000
  };
  private static final double[] BYTES = {
    1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();

  private final Counter accepted =
      counter("depesche_messages_accepted_total", "Messages acknowledged to a client.");
  private final Counter recipients =
      counter("depesche_recipients_accepted_total", "Recipients of acknowledged messages.");
  private final Counter delivered =
      counter("depesche_recipients_delivered_total", "Recipients that reached their goal.");
  private final Counter deferred =
      counter("depesche_recipients_deferred_total", "Times a recipient had to wait.");
  private final Counter failed =
      counter("depesche_recipients_failed_total", "Recipients given up.");
  private final Counter settled =
      counter("depesche_messages_settled_total", "Messages all of whose recipients are final.");
  private final Counter inDoubt =
      counter(
          "depesche_messages_in_doubt_total",
          "Messages the process before was handing on when it was ended; there may be two of"
              + " them.");
  private final Counter refused =
      counter(
          "depesche_refused_total",
          "Refusals by command and by the class of the reply code.",
          "command",
          "class");
  private final Counter sessions =
      counter("depesche_sessions_ended_total", "SMTP sessions that ended, by reason.", "reason");
  private final Counter logins =
      counter("depesche_logins_total", "Successful logins, by mechanism.", "mechanism");
  private final Counter operated =
      counter("depesche_operator_actions_total", "Things done by command or API.");
  private final Histogram sizes =
      histogram("depesche_message_size_bytes", "Sizes of acknowledged messages.", BYTES);
  private final Histogram receiving =
      histogram(
          "depesche_receive_duration_seconds",
          "From the first byte of content to durable.",
          SECONDS);
  private final Histogram attempts =
      histogram("depesche_attempt_duration_seconds", "Attempts that delivered.", SECONDS);
  private final Histogram delays =
      histogram(
          "depesche_delivery_delay_seconds",
          "From acknowledged to delivered, per recipient.",
          DELAY_SECONDS);
  private final Histogram lasted =
      histogram("depesche_session_duration_seconds", "How long sessions lasted.", DELAY_SECONDS);

  /// Numbers that somebody else knows, read when they are asked for.
  public enum Gauge {
    QUEUE_MESSAGES("depesche_queue_messages", "Messages with something to do."),
    QUEUE_WAITING("depesche_queue_deliveries_waiting", "Deliveries that wait."),
    QUEUE_RUNNING("depesche_queue_deliveries_running", "Attempts that run."),
    QUEUE_HELD("depesche_queue_recipients_held", "Recipients that wait for an operator."),
    QUEUE_DESTINATIONS("depesche_queue_destinations", "Destinations with something to do."),
    SPOOL_MESSAGES("depesche_spool_messages", "Messages in the spool."),
    SPOOL_BYTES("depesche_spool_bytes", "Room the spool takes on its disk."),
    DISK_FREE_BYTES("depesche_disk_free_bytes", "Room left on the spool's disk."),
    SESSIONS("depesche_sessions", "SMTP sessions alive."),
    HEAP_BYTES("depesche_jvm_heap_used_bytes", "Heap in use."),
    HEAP_LIMIT_BYTES("depesche_jvm_heap_max_bytes", "Heap that may be used."),
    THREADS("depesche_jvm_threads", "Platform threads alive."),
    CERTIFICATE_EXPIRY(
        "depesche_certificate_expiry_time_seconds",
        "When the first certificate in use runs out, in seconds since 1970."),
    STARTED("depesche_start_time_seconds", "When the server started, in seconds since 1970.");

    private final String label;
    private final String help;

    Gauge(String label, String help) {
      this.label = label;
      this.help = help;
    }
  }

  /// Counts that somebody else keeps, read when they are asked for.
  public enum Tally {
    EVENTS_LOST(
        "depesche_events_lost_total", "Events that no consumer saw, because all stood still."),
    CONSUMER_FAILURES(
        "depesche_event_consumer_failures_total", "Batches of events a consumer failed at."),
    LOG_LINES_LOST(
        "depesche_mail_log_lines_lost_total", "Mail log lines that could not be written."),
    HISTORY_DROPPED(
        "depesche_history_events_dropped_total", "Events that are missing in the history."),
    HISTORY_SET_ASIDE(
        "depesche_history_set_aside_total", "Histories set aside because they were damaged.");

    private final String label;
    private final String help;

    Tally(String label, String help) {
      this.label = label;
      this.help = help;
    }
  }

  /// Says where a gauge's number comes from; until then it is not shown. Once each.
  ///
  /// @param value called by whoever asks for the numbers; must be quick and not throw
  public void gauge(Gauge gauge, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(gauge.label)
        .help(gauge.help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /// Says where a count comes from; until then it is not shown. Once each.
  ///
  /// @param value called by whoever asks for the numbers; must be quick, not throw, never sink
  public void tally(Tally tally, LongSupplier value) {
    CounterWithCallback.builder()
        .name(tally.label)
        .help(tally.help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  @Override
  public void consume(List<MailEvent> batch) {
    for (MailEvent event : batch) {
      count(event);
    }
  }

  /// All numbers, in the text format.
  public String text() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, registry.scrape(), EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private void count(MailEvent event) {
    switch (event) {
      case MailEvent.Refused e ->
          refused.labelValues(command(e.command()), e.reply().code() / 100 + "xx").inc();
      case MailEvent.Accepted e -> {
        accepted.inc();
        recipients.inc(e.to().size());
        sizes.observe((double) e.sizeBytes());
        receiving.observe(seconds(e.took()));
      }
      case MailEvent.Delivered e -> {
        delivered.inc();
        attempts.observe(seconds(e.took()));
        delays.observe(seconds(e.delay()));
      }
      case MailEvent.Waiting _ -> deferred.inc();
      case MailEvent.Failed _ -> failed.inc();
      case MailEvent.Settled _ -> settled.inc();
      case MailEvent.InDoubt _ -> inDoubt.inc();
      case MailEvent.LoggedIn e -> logins.labelValues(e.mechanism()).inc();
      case MailEvent.SessionEnded e -> {
        sessions.labelValues(SESSION_ENDS.contains(e.reason()) ? e.reason() : OTHER).inc();
        lasted.observe(seconds(e.lasted()));
      }
      case MailEvent.Operated _ -> operated.inc();
      case MailEvent.Routed _, MailEvent.Noted _ -> {}
    }
  }

  private static String command(String command) {
    String upper = command.toUpperCase(Locale.ROOT);
    return COMMANDS.contains(upper) ? upper : OTHER;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private Histogram histogram(String name, String help, double[] bounds) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .classicOnly()
        .classicUpperBounds(bounds)
        .register(registry);
  }
}
