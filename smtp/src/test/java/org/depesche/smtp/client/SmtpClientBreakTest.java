package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.depesche.smtp.client.Dialogues.PIPELINING;
import static org.depesche.smtp.client.Dialogues.PLAIN;
import static org.depesche.smtp.client.Dialogues.UP_TO_CONTENT;
import static org.depesche.smtp.client.Dialogues.answers;
import static org.depesche.smtp.client.Dialogues.envelope;
import static org.depesche.smtp.client.Dialogues.opened;
import static org.depesche.smtp.client.Dialogues.send;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions that break or dawdle: what is known of the message then.
class SmtpClientBreakTest {

  @Test
  void aServerThatClosesInTheMiddleAnswersForAllThatAreLeft() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: RCPT TO:<c@there.test>
                C: RCPT TO:<d@there.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 no
                S: 250 ok
                S: 421 4.3.2 shutting down
                """);
    SmtpClient client = opened(server);

    SendResult result =
        client.send(envelope("b", "c", "d"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));

    assertThat(answers(result))
        .containsExactly(
            "b RCPT 550 5.1.1 no",
            "c RCPT 421 4.3.2 shutting down",
            "d RCPT 421 4.3.2 shutting down");
    assertThat(client.isOpen()).isFalse();
    assertThat(server.isClosed()).isTrue();
  }

  // RFC 1047
  @ParameterizedTest
  @ValueSource(strings = {"", "@silence\n", "@reset\n", "S! 25\n", "S: 354 more\n", "S: hm\n"})
  void withoutAnAnswerToTheEndTheMessageIsInDoubt(String end) {
    ScriptedServer server =
        ScriptedServer.of(UP_TO_CONTENT + "S: 354 go\nC: Received: x\nC: \nC: ..hi\nC: .\n" + end);

    SendResult result = send(server, "b");

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Broken.class,
            broken -> {
              assertThat(broken.stage()).isEqualTo(Stage.CONTENT);
              assertThat(broken.inDoubt()).isTrue();
              assertThat(broken.answers()).isEmpty();
            });
    assertThat(server.isClosed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@silence\n", "@reset\n", "S: 250 ok\n", "S: 220 what\n", "S: x\n"})
  void withoutAnAnswerToDataTheMessageIsNotInDoubt(String end) {
    ScriptedServer server = ScriptedServer.of(UP_TO_CONTENT + end);

    SendResult result = send(server, "b");

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Broken.class,
            broken -> {
              assertThat(broken.stage()).isEqualTo(Stage.DATA);
              assertThat(broken.inDoubt()).isFalse();
            });
  }

  @Test
  void whatIsKnownOfRecipientsSurvivesABreak() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: RCPT TO:<c@there.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 no
                S: 250 ok
                """);

    SendResult result = send(server, "b", "c");

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Broken.class,
            broken -> {
              assertThat(broken.answers()).hasSize(1);
              assertThat(broken.answers().getFirst().reply().code()).isEqualTo(550);
              assertThat(broken.reason()).isEqualTo("the server hung up");
            });
  }

  @Test
  void wordsBeforeAHangUpInTheMiddleOfAMessageAreHeard() {
    ScriptedServer server =
        ScriptedServer.of(UP_TO_CONTENT + "S: 354 go\nS: 552 5.3.4 too big\n").takingOnly(20_000);
    // A server that speaks before the end is out of step, unless the connection breaks there.
    ScriptedServer broken = ScriptedServer.of(UP_TO_CONTENT + "S: 354 go\n").takingOnly(20_000);

    SendResult result =
        opened(broken).send(envelope("b"), "", TextContent.of("0123456789\r\n".repeat(10_000)));

    assertThat(send(server, "b")).isInstanceOf(SendResult.Broken.class);
    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Broken.class,
            lost -> {
              assertThat(lost.inDoubt()).isFalse();
              assertThat(lost.reason()).isEqualTo("connection lost: broken pipe");
            });
  }

  @Test
  void anEarlyRefusalReplacesTheBrokenPipe() {
    ScriptedServer server =
        ScriptedServer.of(UP_TO_CONTENT + "S: 354 go\nC: 0123456789\nS: 552 5.3.4 too big\n")
            .takingOnly(20_000);

    SendResult result =
        opened(server).send(envelope("b"), "", TextContent.of("0123456789\r\n".repeat(10_000)));

    assertThat(answers(result)).containsExactly("b CONTENT 552 5.3.4 too big");
    assertThat(server.isClosed()).isTrue();
  }

  @Test
  void aServerThatSaysMoreThanItWasAskedIsNotTrusted() {
    ScriptedServer server =
        ScriptedServer.of(PLAIN + "C: MAIL FROM:<a@here.test>\nS: 250 ok\nS: 250 ok\n");

    SendResult result = send(server, "b");

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Broken.class,
            broken ->
                assertThat(broken.reason()).isEqualTo("the server says more than it was asked"));
  }

  // RFC 5321 §4.5.3.2
  @Test
  void eachAnswerHasItsTime() {
    ScriptedServer server =
        ScriptedServer.of(
            UP_TO_CONTENT + "S: 354 go\nC: Received: x\nC: \nC: ..hi\nC: .\nS: 250 taken\n");

    SendResult _ = send(server, "b");

    assertThat(server.limits().stream().distinct().map(Duration::toMinutes))
        .containsExactly(5L, 2L, 3L, 10L);
  }

  @Test
  void aServerThatDripsItsAnswerRunsOutOfTime() {
    AtomicLong nanos = new AtomicLong();
    ScriptedServer server =
        ScriptedServer.of("S: 220 " + "x".repeat(100) + "\n")
            .speaking(1, () -> nanos.addAndGet(Duration.ofMinutes(1).toNanos()));
    SmtpClient client =
        new SmtpClient(server, "me.test", Timeouts.RFC_5321, nanos::get, Transcript.NONE);

    assertThat(client.open())
        .isEqualTo(new Opening.Broken(Stage.GREETING, "the server's reply does not end in time"));
  }
}
