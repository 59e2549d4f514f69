package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.depesche.smtp.client.Dialogues.PIPELINING;
import static org.depesche.smtp.client.Dialogues.PLAIN;
import static org.depesche.smtp.client.Dialogues.UP_TO_CONTENT;
import static org.depesche.smtp.client.Dialogues.answers;
import static org.depesche.smtp.client.Dialogues.client;
import static org.depesche.smtp.client.Dialogues.envelope;
import static org.depesche.smtp.client.Dialogues.opened;
import static org.depesche.smtp.client.Dialogues.send;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages over sessions in order.
class SmtpClientTransactionTest {

  @Test
  void aMessageGoesInOneGroupWherePipeliningIsOffered() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: RCPT TO:<c@there.test>
                C: DATA
                S: 250 2.1.0 ok
                S: 250 2.1.5 ok
                S: 251 2.1.5 will forward
                S: 354 go
                C: Received: x
                C:\s
                C: ..hi
                C: .
                S: 250 2.0.0 taken
                C: QUIT
                S: 221 2.0.0 bye
                """);

    SmtpClient client = opened(server);
    SendResult result =
        client.send(envelope("b", "c"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));
    client.quit();

    assertThat(answers(result))
        .containsExactly("b CONTENT 250 2.0.0 taken", "c CONTENT 250 2.0.0 taken");
    assertThat(((SendResult.Answered) result).answers()).allMatch(Answer::accepted);
    assertThat(server.isDone()).isTrue();
    assertThat(server.isClosed()).isTrue();
  }

  @Test
  void withoutPipeliningEachCommandWaitsForTheAnswerBefore() {
    ScriptedServer server =
        ScriptedServer.of(
            PLAIN
                + """
                C: MAIL FROM:<a@here.test>
                S: 250 ok
                C: RCPT TO:<b@there.test>
                S: 250 ok
                C: DATA
                S: 354 go
                C: Received: x
                C:\s
                C: ..hi
                C: .
                S: 250 taken
                """);

    assertThat(answers(send(server, "b"))).containsExactly("b CONTENT 250 taken");
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void withoutPipeliningNothingIsAskedForInVain() {
    ScriptedServer refusesSender =
        ScriptedServer.of(PLAIN + "C: MAIL FROM:<a@here.test>\nS: 550 5.7.1 not you\n");
    ScriptedServer refusesRecipient =
        ScriptedServer.of(
            PLAIN
                + """
                C: MAIL FROM:<a@here.test>
                S: 250 ok
                C: RCPT TO:<b@there.test>
                S: 450 4.2.1 busy
                """);

    assertThat(answers(send(refusesSender, "b"))).containsExactly("b MAIL 550 5.7.1 not you");
    assertThat(answers(send(refusesRecipient, "b"))).containsExactly("b RCPT 450 4.2.1 busy");
    assertThat(refusesSender.isDone()).isTrue();
    assertThat(refusesRecipient.isDone()).isTrue();
  }

  @Test
  void recipientsAreAnsweredOneByOneInTheOrderOfTheEnvelope() {
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
                S: 550-5.1.1 no such
                S: 550 5.1.1 user
                S: 250 ok
                S: 452 4.5.3 too many
                S: 354 go
                C: Received: x
                C:\s
                C: ..hi
                C: .
                S: 550 5.7.1 spam
                """);

    assertThat(answers(send(server, "b", "c", "d")))
        .containsExactly(
            "b RCPT 550 5.1.1 no such / user",
            "c CONTENT 550 5.7.1 spam",
            "d RCPT 452 4.5.3 too many");
    assertThat(server.isDone()).isTrue();
  }

  // RFC 2920 §3.1
  @Test
  void aServerThatWantsAMessageForNobodyGetsAnEmptyOne() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 no
                S: 354 go
                C: .
                S: 554 5.5.1 no recipients
                C: MAIL FROM:<a@here.test> SIZE=20
                """);
    SmtpClient client = opened(server);

    SendResult result =
        client.send(envelope("b"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));

    assertThat(answers(result)).containsExactly("b RCPT 550 5.1.1 no");
    assertThat(client.isOpen()).isTrue();
    assertThat(client.send(envelope("b"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n")))
        .isInstanceOf(SendResult.Broken.class);
  }

  @Test
  void aTransactionThatWasNotFinishedIsResetBeforeTheNext() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: DATA
                S: 250 ok
                S: 550 5.1.1 no
                S: 503 5.5.1 no recipients
                C: RSET
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<c@there.test>
                C: DATA
                S: 250 reset
                S: 250 ok
                S: 250 ok
                S: 354 go
                C: Received: x
                C:\s
                C: ..hi
                C: .
                S: 250 taken
                """);
    SmtpClient client = opened(server);

    SendResult first = client.send(envelope("b"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));
    SendResult second =
        client.send(envelope("c"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));

    assertThat(answers(first)).containsExactly("b RCPT 550 5.1.1 no");
    assertThat(answers(second)).containsExactly("c CONTENT 250 taken");
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void aRefusedSenderIsTheAnswerForAllWhateverIsSaidToTheRest() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: DATA
                S: 451 4.7.1 wait
                S: 503 5.5.1 need MAIL
                S: 503 5.5.1 need MAIL
                """);

    assertThat(answers(send(server, "b"))).containsExactly("b MAIL 451 4.7.1 wait");
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void aRefusedDataIsTheAnswerForThoseThatWereTaken() {
    ScriptedServer server =
        ScriptedServer.of(
            PIPELINING
                + """
                C: MAIL FROM:<a@here.test> SIZE=20
                C: RCPT TO:<b@there.test>
                C: RCPT TO:<c@there.test>
                C: DATA
                S: 250 ok
                S: 250 ok
                S: 550 5.1.1 no
                S: 452 4.3.1 full
                """);

    assertThat(answers(send(server, "b", "c")))
        .containsExactly("b DATA 452 4.3.1 full", "c RCPT 550 5.1.1 no");
  }

  /// The published list, as far as it is public (src/test/resources/smuggling/SOURCE.md).
  static List<String> sequences() throws IOException {
    String json = Files.readString(Path.of("src/test/resources/smuggling/sequences.json"));
    List<String> found =
        Pattern.compile("\"((?:\\\\[rn]|\\.)+)\"")
            .matcher(json)
            .results()
            .map(m -> m.group(1).translateEscapes())
            .distinct()
            .toList();
    assertThat(found).hasSizeGreaterThanOrEqualTo(4);
    return found;
  }

  @ParameterizedTest
  @MethodSource("sequences")
  @ValueSource(strings = {"\r\n.\n", "\n.\r\n", "\r\n\r.\r\n", "\r.\r\n", "\u0000\r.\r\n"})
  void aBareLineEndIsNeverSentAndNeitherIsAnEndOfTheMessage(String sequence) {
    ScriptedServer server = ScriptedServer.of(UP_TO_CONTENT + "S: 354 go\n");
    SmtpClient client = opened(server);

    SendResult result =
        client.send(
            envelope("b"),
            "Received: x\r\n",
            TextContent.of("\r\nline\r\n".repeat(5000) + sequence + "MAIL FROM:<x@y.test>\r\n"));

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.reason()).contains("stands alone"));
    assertThat(server.received())
        .doesNotContain("\r\n.\r\n")
        .doesNotContain("x@y.test")
        .satisfies(
            wire -> assertThat(wire.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n"));
    assertThat(server.isClosed()).isTrue();
    assertThat(client.isOpen()).isFalse();
  }

  @Test
  void anAddressCannotBecomeTwoCommands() {
    SmtpClient client = opened(ScriptedServer.of(PLAIN));
    Envelope envelope =
        new Envelope(new Mailbox("a>\r\nRCPT TO:<b", "here.test"), envelope("c").recipients());

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> client.send(envelope, "", TextContent.of("")));
  }

  @Test
  void manyRecipientsGoInGroupsWhoseAnswersAreReadInBetween() {
    StringBuilder script = new StringBuilder(PIPELINING);
    String[] names = IntStream.range(0, 250).mapToObj(i -> "u" + i).toArray(String[]::new);
    List<String> lines = new ArrayList<>(List.of("MAIL FROM:<a@here.test> SIZE=20"));
    for (String name : names) {
      lines.add("RCPT TO:<" + name + "@there.test>");
    }
    lines.add("DATA");
    for (int from = 0; from < lines.size(); from += 100) {
      List<String> group = lines.subList(from, Math.min(from + 100, lines.size()));
      group.forEach(line -> script.append("C: ").append(line).append('\n'));
      group.forEach(line -> script.append(line.equals("DATA") ? "S: 354 go\n" : "S: 250 ok\n"));
    }
    script.append("C: Received: x\nC: \nC: ..hi\nC: .\nS: 250 taken\n");

    SendResult result = send(ScriptedServer.of(script.toString()), names);

    assertThat(answers(result)).hasSize(250).allMatch(a -> a.endsWith("CONTENT 250 taken"));
  }

  @Test
  void theTranscriptHasBothSides() {
    List<String> heard = new ArrayList<>();
    Transcript transcript =
        new Transcript() {
          @Override
          public void client(String line) {
            heard.add("C: " + line);
          }

          @Override
          public void content(long octets) {
            heard.add("C: (" + octets + " octets)");
          }

          @Override
          public void server(String line) {
            heard.add("S: " + line);
          }
        };
    ScriptedServer server =
        ScriptedServer.of(
            UP_TO_CONTENT + "S: 354 go\nC: Received: x\nC: \nC: ..hi\nC: .\nS: 250 taken\n");
    SmtpClient client = new SmtpClient(server, "me.test", Timeouts.RFC_5321, () -> 0, transcript);

    Opening _ = client.open();
    SendResult _ = client.send(envelope("b"), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));

    assertThat(heard)
        .containsExactly(
            "S: 220 mx.test ESMTP",
            "C: EHLO me.test",
            "S: 250 mx.test",
            "C: MAIL FROM:<a@here.test>",
            "S: 250 ok",
            "C: RCPT TO:<b@there.test>",
            "S: 250 ok",
            "C: DATA",
            "S: 354 go",
            "C: (24 octets)",
            "S: 250 taken");
  }
}
