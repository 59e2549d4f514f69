package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailLogLineTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07.042999Z");
  private static final EnvelopeId EID = EnvelopeId.firstAt(AT.toEpochMilli());

  @Test
  void anAcceptedMessage() {
    MailEvent event =
        new MailEvent.Accepted(
            AT,
            EID,
            "s7",
            "192.0.2.1",
            "client.example",
            "ESMTPS",
            "a@example.org",
            List.of("b@example.net", "c@example.net"),
            10_240,
            Duration.ofMillis(12));

    assertThat(line(event))
        .isEqualTo(
            "2026-11-23T09:05:07.042Z event=accepted sid=s7 eid="
                + EID
                + " from=a@example.org to=b@example.net,c@example.net client=192.0.2.1"
                + " helo=client.example with=ESMTPS took_ms=12 size=10240 rcpts=2\n");
  }

  @Test
  void theNullPathIsShownAndManyRecipientsAreCut() {
    List<String> to = Collections.nCopies(1000, "x@y.z");
    MailEvent event =
        new MailEvent.Accepted(AT, EID, "s", "c", "h", "SMTP", "", to, 1, Duration.ZERO);

    assertThat(line(event))
        .contains(" from=<> to=x@y.z,x@y.z,")
        .endsWith(" rcpts=1000\n")
        .hasSizeLessThan(400);
  }

  @Test
  void aRefusal() {
    MailEvent event =
        new MailEvent.Refused(
            AT,
            "s7",
            "192.0.2.1",
            "client.example",
            "RCPT",
            "a@example.org",
            "nobody@example.net",
            Reply.of(550, "5.1.1", "no such mailbox"),
            "unknown in domain example.net");

    assertThat(line(event))
        .isEqualTo(
            "2026-11-23T09:05:07.042Z event=refused sid=s7 rcpt=nobody@example.net"
                + " from=a@example.org client=192.0.2.1 helo=client.example command=RCPT"
                + " reply=\"550 5.1.1 no such mailbox\" reason=\"unknown in domain"
                + " example.net\"\n");
  }

  @Test
  void aWaitSaysWhatBindsAndUntilWhen() {
    MailEvent event =
        new MailEvent.Waiting(
            AT, EID, "b@example.net", "retry", "timed out", 2, AT.plusSeconds(300));

    assertThat(line(event))
        .isEqualTo(
            "2026-11-23T09:05:07.042Z event=waiting eid="
                + EID
                + " rcpt=b@example.net binds=retry reason=\"timed out\" attempt=2"
                + " until=2026-11-23T09:10:07.042Z\n");
  }

  @Test
  void aWaitForAnOrderHasNoEnd() {
    assertThat(line(new MailEvent.Waiting(AT, EID, "b@x.y", "hold", "given up", 9, Instant.MAX)))
        .endsWith(" binds=hold reason=\"given up\" attempt=9\n");
  }

  @Test
  void theRestOfAMessagesLife() {
    assertThat(line(new MailEvent.Routed(AT, EID, "b@x.y", "local b@x.y")))
        .endsWith(" rcpt=b@x.y route=\"local b@x.y\"\n");
    assertThat(
            line(
                new MailEvent.Delivered(
                    AT,
                    EID,
                    "b@x.y",
                    "mx.x.y",
                    1,
                    Duration.ofSeconds(2),
                    Duration.ofMillis(30),
                    "250 2.0.0 ok")))
        .endsWith(
            " rcpt=b@x.y to=mx.x.y reply=\"250 2.0.0 ok\" attempt=1 delay_ms=2000 took_ms=30\n");
    assertThat(line(new MailEvent.Failed(AT, EID, "b@x.y", 9, Duration.ofDays(5), "too old")))
        .endsWith(" rcpt=b@x.y reason=\"too old\" attempt=9 delay_ms=432000000\n");
    assertThat(line(new MailEvent.Settled(AT, EID, Duration.ofMillis(5))))
        .endsWith("event=settled eid=" + EID + " delay_ms=5\n");
    assertThat(
            line(
                new MailEvent.SessionEnded(
                    AT, "s7", "192.0.2.1", "quit", 3, Duration.ofSeconds(1))))
        .endsWith(
            "event=session-ended sid=s7 client=192.0.2.1 reason=quit messages=3"
                + " lasted_ms=1000\n");
    assertThat(line(new MailEvent.Operated(AT, "root", "hold", "example.net")))
        .endsWith("event=operated who=root action=hold subject=example.net\n");
    assertThat(line(new MailEvent.Noted(AT, "disk-low", "3 % free")))
        .endsWith("event=noted what=disk-low detail=\"3 % free\"\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\n2026-01-01T00:00:00.000Z event=delivered",
        "x\r\nevent=accepted",
        "x reply=250",
        "a\" reply=\"250",
        "a\\\" reply=\"250",
        "x\u2028event=accepted",
        "x\u0085event=accepted",
        "\u001b[2Jx",
        "\u202egro.elpmaxe",
        "x\u0000y",
        "x\u200by",
        "x\ud800y",
        "x=y",
        "\u007f",
        "\udb40\udc01"
      })
  void aHostileValueStaysOneQuotedValue(String hostile) {
    String line = line(new MailEvent.SessionEnded(AT, hostile, hostile, "quit", 0, Duration.ZERO));

    assertThat(line).matches("[^\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+\n");
    assertThat(line)
        .matches(
            "\\S+ event=session-ended sid=\"([^\"\\\\]|\\\\.)*\" client=\"([^\"\\\\]|\\\\.)*\""
                + " reason=quit messages=0 lasted_ms=0\n");
  }

  @Test
  void escapesAreThoseOfJson() {
    assertThat(line(new MailEvent.Noted(AT, "a\"b\\c\nd\re\tf\u001b\u2029ü\ud83d\ude00\ud800", "")))
        .endsWith(" what=\"a\\\"b\\\\c\\nd\\re\\tf\\u001b\\u2029ü\ud83d\ude00\\ud800\"\n");
  }

  @Test
  void aLongValueIsCutBetweenCharacters() {
    String value = "a".repeat(MailLogLine.MAX_VALUE - 1) + "\ud83d\ude00";

    assertThat(line(new MailEvent.Noted(AT, value, "")))
        .endsWith(" what=\"" + "a".repeat(MailLogLine.MAX_VALUE - 1) + "…\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cGFzc3dvcmQ=", "hunter2", "a b", "ABCDEFGHIJKLMNOPQ"})
  void whatIsNoVerbIsNotLogged(String command) {
    MailEvent event =
        new MailEvent.Refused(AT, "s", "c", "", command, "", "", Reply.plain(500, "what"), "");

    assertThat(line(event)).contains(" command=? ");
  }

  static String line(MailEvent event) {
    StringBuilder out = new StringBuilder();
    new MailLogLine(out).append(event);
    return out.toString();
  }
}
