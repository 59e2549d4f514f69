package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryLineTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  private static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());
  private static final String HARD = "\t\\t\n\\\r\\n a\\";

  static List<MailEvent> events() {
    Duration d = Duration.ofMillis(7);
    return List.of(
        new MailEvent.Accepted(
            AT, EID, "s", HARD, HARD, "SMTP", "", List.of("a@b", HARD), 1L << 40, d),
        new MailEvent.Refused(
            AT, "s", "c", "", "RCPT", HARD, "", Reply.of(550, "5.1.1", "a", "", ""), HARD),
        new MailEvent.Refused(AT, "", "", "", "", "", "", Reply.plain(500, ""), ""),
        new MailEvent.Routed(AT, EID, HARD, HARD),
        new MailEvent.Delivered(AT, EID, HARD, HARD, 3, d, d.plus(d), HARD),
        new MailEvent.Waiting(AT, EID, HARD, HARD, HARD, 1, AT.plusSeconds(1)),
        new MailEvent.Waiting(AT, EID, "", "", "", 0, Instant.MAX),
        new MailEvent.Failed(AT, EID, HARD, 2, d, HARD),
        new MailEvent.Settled(AT, EID, d),
        new MailEvent.InDoubt(AT, EID, HARD),
        new MailEvent.Operated(AT, HARD, HARD, EID.toString()));
  }

  @ParameterizedTest
  @MethodSource("events")
  void whatIsWrittenIsReadAgain(MailEvent event) {
    StringBuilder line = new StringBuilder();

    HistoryLine.append(line, event);

    assertThat(line.toString().lines()).hasSize(1);
    assertThat(HistoryLine.read(EID, line.toString())).isEqualTo(event);
  }

  @Test
  void theFormatIsTheOneOnDisk() {
    StringBuilder line = new StringBuilder();
    HistoryLine.append(line, new MailEvent.Waiting(AT, EID, "b@x.y", "hold", "?", 1, Instant.MAX));

    assertThat(line.toString()).isEqualTo("waiting\t1795424707042\tb@x.y\thold\t?\t1\t-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "settled",
        "settled\t",
        "settled\tx\t1",
        "settled\t1",
        "unheard-of\t1\t1",
        "refused\t1\ts\tc\th\tv\tf\tt\tr\t9\t",
        "refused\t1\ts\tc\th\tv\tf\tt\tr\t550\tx\tl"
      })
  void whatIsNoLineIsRefused(String line) {
    assertThatThrownBy(() -> HistoryLine.read(EID, line))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void longFieldsAreCut() {
    StringBuilder line = new StringBuilder();
    HistoryLine.append(line, new MailEvent.Routed(AT, EID, "b", "x".repeat(5000)));

    assertThat(HistoryLine.read(EID, line.toString()))
        .isEqualTo(new MailEvent.Routed(AT, EID, "b", "x".repeat(1000)));
  }
}
