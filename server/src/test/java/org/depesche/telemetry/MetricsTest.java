package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.depesche.mail.Reply;
import org.depesche.testing.Documents;
import org.depesche.testing.SampleEvents;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private final Metrics metrics = new Metrics();

  @Test
  void everyKindOfEventIsCounted() {
    metrics.consume(SampleEvents.all());
    metrics.consume(SampleEvents.all());

    assertThat(metrics.text().lines())
        .contains(
            "depesche_messages_accepted_total 2.0",
            "depesche_recipients_accepted_total 4.0",
            "depesche_recipients_delivered_total 2.0",
            "depesche_recipients_deferred_total 2.0",
            "depesche_recipients_failed_total 2.0",
            "depesche_messages_settled_total 2.0",
            "depesche_refused_total{class=\"5xx\",command=\"RCPT\"} 2.0",
            "depesche_sessions_ended_total{reason=\"quit\"} 2.0",
            "depesche_message_size_bytes_sum 20480.0",
            "depesche_message_size_bytes_bucket{le=\"4096.0\"} 0",
            "depesche_message_size_bytes_bucket{le=\"16384.0\"} 2",
            "depesche_message_size_bytes_bucket{le=\"+Inf\"} 2",
            "depesche_receive_duration_seconds_bucket{le=\"0.02\"} 2",
            "depesche_delivery_delay_seconds_count 2");
  }

  @Test
  void countersStandAtZeroFromTheStart() {
    assertThat(metrics.text().lines()).contains("depesche_messages_accepted_total 0.0");
  }

  @Test
  void labelsAreNeverMadeFromInput() {
    for (int i = 0; i < 100; i++) {
      metrics.consume(
          List.of(
              refused("X" + i + "\"\n", 501),
              refused("rcpt", 450),
              new MailEvent.SessionEnded(
                  SampleEvents.AT, "s", "c", "because " + i, 0, Duration.ZERO)));
    }

    assertThat(metrics.text().lines().filter(l -> l.matches("depesche_(refused|sessions).*\\{.*")))
        .containsExactlyInAnyOrder(
            "depesche_refused_total{class=\"5xx\",command=\"other\"} 100.0",
            "depesche_refused_total{class=\"4xx\",command=\"RCPT\"} 100.0",
            "depesche_sessions_ended_total{reason=\"other\"} 100.0");
  }

  @Test
  void gaugesAndTalliesAreReadWhenAsked() {
    double[] value = {1};
    metrics.gauge(Metrics.Gauge.SPOOL_BYTES, () -> value[0]);
    metrics.tally(Metrics.Tally.EVENTS_LOST, () -> 7);
    value[0] = 4096;

    assertThat(metrics.text().lines())
        .contains("depesche_spool_bytes 4096.0", "depesche_events_lost_total 7.0");
  }

  @Test
  void twoOfThemDoNotShareNumbers() {
    metrics.consume(SampleEvents.all());

    assertThat(new Metrics().text()).contains("depesche_messages_accepted_total 0.0");
  }

  @Test
  void aGaugeHasOneSource() {
    metrics.gauge(Metrics.Gauge.SESSIONS, () -> 1);

    assertThatThrownBy(() -> metrics.gauge(Metrics.Gauge.SESSIONS, () -> 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theReferenceListsThemAll() throws IOException {
    metrics.consume(SampleEvents.all());
    for (Metrics.Gauge gauge : Metrics.Gauge.values()) {
      metrics.gauge(gauge, () -> 0);
    }
    for (Metrics.Tally tally : Metrics.Tally.values()) {
      metrics.tally(tally, () -> 0);
    }

    Documents.assertGenerated("docs/operations/metrics.md", reference(metrics.text()));
  }

  private static String reference(String text) {
    TreeMap<String, String> rows = new TreeMap<>();
    for (MatchResult found :
        Pattern.compile("# HELP (\\S+) (.*)\n# TYPE \\S+ (\\S+)\n(.*)")
            .matcher(text)
            .results()
            .toList()) {
      rows.put(
          found.group(1),
          "| `%s` | %s | %s | %s |\n"
              .formatted(found.group(1), found.group(3), labels(found.group(4)), found.group(2)));
    }
    return "| metric | type | labels | meaning |\n|---|---|---|---|\n"
        + String.join("", rows.values());
  }

  private static String labels(String sample) {
    return String.join(
        " ",
        Pattern.compile("(\\w+)=\"")
            .matcher(sample)
            .results()
            .map(label -> label.group(1))
            .filter(label -> !label.equals("le"))
            .map(label -> "`" + label + "`")
            .toList());
  }

  private static MailEvent refused(String command, int code) {
    return new MailEvent.Refused(
        SampleEvents.AT, "s", "c", "", command, "", "", Reply.plain(code, "no"), "r");
  }
}
