package org.depesche.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.depesche.telemetry.MailEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042Z");
  private static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());

  record Sample(
      String text,
      int number,
      long big,
      boolean flag,
      Instant when,
      Duration took,
      Optional<String> maybe,
      List<String> list) {}

  record Events(List<MailEvent> events) {}

  @Test
  void aRecordIsAnObject() {
    Sample sample =
        new Sample(
            "a\"ü\u0001",
            1,
            1L << 60,
            true,
            AT,
            Duration.ofSeconds(2),
            Optional.empty(),
            List.of());

    assertThat(text(sample))
        .isEqualToIgnoringWhitespace(
            """
            {"text": "a\\"ü\\u0001", "number": 1, "big": 1152921504606846976, "flag": true,
             "when": "2026-11-23T09:05:07.042Z", "tookMs": 2000, "list": []}
            """);
    assertThat(Json.read(Json.write(sample), Sample.class)).isEqualTo(sample);
  }

  @Test
  void everyKindOfEventComesBack() {
    Events events =
        new Events(
            List.of(
                new MailEvent.Refused(
                    AT, "s", "c", "h", "RCPT", "", "t", Reply.of(550, "5.1.1", "a", "b"), "r"),
                new MailEvent.Refused(AT, "s", "c", "h", "", "", "", Reply.plain(500, "a"), "r"),
                new MailEvent.Accepted(
                    AT, EID, "s", "c", "h", "SMTP", "f", List.of("t"), 5, Duration.ZERO),
                new MailEvent.Routed(AT, EID, "r", "local r"),
                new MailEvent.Delivered(
                    AT, EID, "r", "t", 1, Duration.ofMillis(5), Duration.ZERO, "ok"),
                new MailEvent.Waiting(AT, EID, "r", "retry", "x", 1, AT),
                new MailEvent.Waiting(AT, EID, "r", "hold", "x", 1, Instant.MAX),
                new MailEvent.Failed(AT, EID, "r", 2, Duration.ofDays(5), "x"),
                new MailEvent.Settled(AT, EID, Duration.ofDays(5)),
                new MailEvent.InDoubt(AT, EID, "mx.example.net"),
                new MailEvent.LoggedIn(AT, "s", "c", "a", "printer", "PLAIN", "TLSv1.3 X"),
                new MailEvent.SessionEnded(AT, "s", "c", "quit", 1, Duration.ofMillis(5)),
                new MailEvent.Operated(AT, "w", "a", "s"),
                new MailEvent.Noted(AT, "w", "d")));

    assertThat(Json.read(Json.write(events), Events.class)).isEqualTo(events);
    assertThat(events.events().stream().map(MailEvent::name).distinct())
        .hasSize(MailEvent.class.getPermittedSubclasses().length)
        .allSatisfy(name -> assertThat(text(events)).contains("\"event\" : \"" + name + "\""));
  }

  @Test
  void unknownKeysArePassedOver() {
    assertThat(Json.read("{\"events\": [], \"new\": {\"a\": [1]}}".getBytes(UTF_8), Events.class))
        .isEqualTo(new Events(List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "1",
        "{",
        "{}",
        "{\"events\": {}}",
        "{\"events\": [1]}",
        "{\"events\": [{}]}",
        "{\"events\": [null]}",
        "{\"events\": [{\"event\": \"unheard-of\"}]}",
        "{\"events\": [{\"event\": \"settled\", \"at\": \"x\", \"eid\": \"x\", \"delayMs\": 1}]}",
        "{\"events\": [{\"event\": \"settled\", \"eid\": \"0000000000000\", \"delayMs\": \"1\"}]}"
      })
  void whatIsSomethingElseIsRefused(String json) {
    assertThatThrownBy(() -> Json.read(json.getBytes(UTF_8), Events.class))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String text(Record value) {
    return new String(Json.write(value), UTF_8);
  }
}
