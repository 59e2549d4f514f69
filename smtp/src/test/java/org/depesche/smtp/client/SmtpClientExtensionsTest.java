package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.depesche.smtp.client.Dialogues.HELLO;
import static org.depesche.smtp.client.Dialogues.PIPELINING;
import static org.depesche.smtp.client.Dialogues.PLAIN;
import static org.depesche.smtp.client.Dialogues.UP_TO_CONTENT;
import static org.depesche.smtp.client.Dialogues.answers;
import static org.depesche.smtp.client.Dialogues.envelope;
import static org.depesche.smtp.client.Dialogues.opened;

import java.util.List;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a server offers decides how a message goes.
class SmtpClientExtensionsTest {

  @Test
  void parametersAreGivenWhereTheServerKnowsThem() {
    ScriptedServer server =
        ScriptedServer.of(
            HELLO
                + """
                S: 250-mx.test
                S: 250-SIZE
                S: 250-8BITMIME
                S: 250-SMTPUTF8
                S: 250 DSN
                C: MAIL FROM:<> SIZE=0 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159
                S: 250 ok
                C: RCPT TO:<"b c"@there.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@there.test
                S: 550 no
                """);
    Recipient recipient =
        new Recipient(
            new Mailbox("b c", "there.test"),
            new Notify(false, true, true, false),
            Optional.of("rfc822;Bob@there.test"));
    Envelope envelope =
        new Envelope(
            NullPath.INSTANCE,
            List.of(recipient),
            BodyType.EIGHT_BIT_MIME,
            true,
            Return.HDRS,
            Optional.of("QQ314159"));

    SendResult result = opened(server).send(envelope, "", TextContent.of(""));

    assertThat(answers(result)).containsExactly("b c RCPT 550 no");
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void dsnParametersStayAtHomeWhereTheServerDoesNotKnowThem() {
    ScriptedServer server =
        ScriptedServer.of(
            PLAIN
                + """
                C: MAIL FROM:<a@here.test>
                S: 250 ok
                C: RCPT TO:<b@there.test>
                S: 550 no
                """);
    Envelope envelope =
        new Envelope(
            new Mailbox("a", "here.test"),
            List.of(
                new Recipient(
                    new Mailbox("b", "there.test"), Notify.NEVER, Optional.of("rfc822;b@x"))),
            BodyType.SEVEN_BIT,
            false,
            Return.FULL,
            Optional.of("id"));

    assertThat(answers(opened(server).send(envelope, "", TextContent.of("")))).hasSize(1);
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void whatTheServerCannotTakeIsNotOffered() {
    ScriptedServer server = ScriptedServer.of(PIPELINING);
    SmtpClient client = opened(server);
    Envelope eight =
        new Envelope(
            new Mailbox("a", "here.test"),
            envelope("b").recipients(),
            BodyType.EIGHT_BIT_MIME,
            false,
            Return.UNSET,
            Optional.empty());
    Envelope foreign =
        new Envelope(
            new Mailbox("a", "here.test"),
            List.of(new Recipient(new Mailbox("jürgen", "there.test"))));

    assertThat(client.send(eight, "", TextContent.of("Subject: \u00fc\r\n\r\n")))
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.6.3"));
    assertThat(client.send(foreign, "", TextContent.of("")))
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.6.7"));
    assertThat(client.send(envelope("b"), "x".repeat(500), TextContent.of("y".repeat(501))))
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.3.4"));
    assertThat(client.isOpen()).isTrue();
    assertThat(server.received()).isEqualTo("EHLO me.test\r\n");
  }

  private static Envelope declared(BodyType body, boolean utf8) {
    return new Envelope(
        new Mailbox("a", "here.test"),
        envelope("b").recipients(),
        body,
        utf8,
        Return.UNSET,
        Optional.empty());
  }

  @Test
  void eightBitTextIsRecodedForAServerThatDoesNotTakeIt() {
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
                C: DKIM-Signature: v=1
                C: Content-Type: text/plain; charset=utf-8
                C: MIME-Version: 1.0
                C: Content-Transfer-Encoding: quoted-printable
                C:\s
                C: =FC
                C: .
                S: 250 2.0.0 taken
                """);

    SendResult result =
        opened(server)
            .send(
                declared(BodyType.EIGHT_BIT_MIME, false),
                "",
                TextContent.of(
                    """
                    DKIM-Signature: v=1
                    Content-Type: text/plain; charset=utf-8

                    \u00fc
                    """
                        .replace("\n", "\r\n")));

    assertThat(answers(result)).containsExactly("b CONTENT 250 2.0.0 taken");
    assertThat(((SendResult.Answered) result).change())
        .isEqualTo(
            "recoded, because the server does not offer 8BITMIME, which breaks its signature");
    assertThat(server.isDone()).isTrue();
  }

  private static final String LONG_LINE =
      """
      Content-Type: multipart/mixed; boundary=b

      --b

      \u00fc
      --b
      Content-Transfer-Encoding: quoted-printable

      %s
      --b--
      """
          .formatted("x".repeat(1200))
          .replace("\n", "\r\n");

  @Test
  void aLongLineThatCannotBeRecodedIsNoObstacle() {
    ScriptedServer server =
        ScriptedServer.of(
            UP_TO_CONTENT
                + """
                S: 354 go
                C: Content-Type: multipart/mixed; boundary=b
                S: 250 2.0.0 taken
                """);

    SendResult result =
        opened(server)
            .send(declared(BodyType.EIGHT_BIT_MIME, false), "", TextContent.of(LONG_LINE));

    assertThat(answers(result)).containsExactly("b CONTENT 250 2.0.0 taken");
    assertThat(server.received())
        .endsWith(LONG_LINE.substring(LONG_LINE.lastIndexOf("--b\r\n")) + ".\r\n")
        .contains("=FC\r\n");
  }

  /// RFC 3030 §3: binary data never goes to a server that has not said that it takes it.
  @Test
  void aLongLineOfABinaryMessageIsOne() {
    ScriptedServer server = ScriptedServer.of(PLAIN);

    SendResult result =
        opened(server).send(declared(BodyType.BINARY_MIME, false), "", TextContent.of(LONG_LINE));

    assertThat(result)
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.6.3"));
  }

  @Test
  void eightBitTextThatNobodyHasDeclaredIsRecodedOrRefusedAllTheSame() { // RFC 6152 §3
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
                C: Content-Type: text/plain; charset=utf-8
                C: MIME-Version: 1.0
                C: Content-Transfer-Encoding: quoted-printable
                C:\s
                C: =FC
                C: .
                S: 250 2.0.0 taken
                """);
    SmtpClient client = opened(server);
    Envelope undeclared = declared(BodyType.SEVEN_BIT, false);

    SendResult text =
        client.send(
            undeclared,
            "",
            TextContent.of("Content-Type: text/plain; charset=utf-8\r\n\r\n\u00fc\r\n"));
    SendResult header =
        client.send(undeclared, "", TextContent.of("Subject: \u00fc\r\n\r\nplain\r\n"));

    assertThat(answers(text)).containsExactly("b CONTENT 250 2.0.0 taken");
    assertThat(header)
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.6.3"));
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void whatWasDeclaredAndIsNotNeededIsNoObstacle() {
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
                C: Subject: x
                C:\s
                C: plain
                C: .
                S: 250 2.0.0 taken
                """);

    SendResult result =
        opened(server)
            .send(
                declared(BodyType.BINARY_MIME, true),
                "",
                TextContent.of("Subject: x\r\n\r\nplain\r\n"));

    assertThat(answers(result)).containsExactly("b CONTENT 250 2.0.0 taken");
    assertThat(((SendResult.Answered) result).change()).isEmpty();
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void aHeaderBeyondAsciiDoesNotGoToAServerWithoutSmtputf8() {
    ScriptedServer server = ScriptedServer.of(PLAIN);

    assertThat(
            opened(server)
                .send(
                    declared(BodyType.SEVEN_BIT, true),
                    "",
                    TextContent.of("Subject: \u00fc\r\n\r\n")))
        .isInstanceOfSatisfying(
            SendResult.Unsendable.class, u -> assertThat(u.status()).hasToString("5.6.9"));
  }

  private static final String CHUNKING =
      HELLO
          + """
          S: 250-mx.test
          S: 250-PIPELINING
          S: 250-8BITMIME
          S: 250-CHUNKING
          S: 250 BINARYMIME
          C: MAIL FROM:<a@here.test> BODY=BINARYMIME
          C: RCPT TO:<b@there.test>
          """;

  private static SendResult sendBinary(ScriptedServer server) {
    return sendBinary(opened(server));
  }

  private static SendResult sendBinary(SmtpClient client) {
    return client.send(
        declared(BodyType.BINARY_MIME, false),
        "Received: x\r\n",
        TextContent.of("\r\n.\n\u0000\r."));
  }

  @Test
  void binaryContentGoesAsItIsInOneChunk() {
    ScriptedServer server =
        ScriptedServer.of(
            CHUNKING
                + "S: 250 ok\nS: 250 ok\nC: BDAT 20 LAST\nC: Received: x\nS: 250 2.0.0 taken\n");

    assertThat(answers(sendBinary(server))).containsExactly("b CONTENT 250 2.0.0 taken");
    assertThat(server.received()).endsWith("BDAT 20 LAST\r\nReceived: x\r\n\r\n.\n\u0000\r.");
  }

  @ParameterizedTest
  @CsvSource({
    "554 5.6.0 not this one, RSET",
    "451 4.3.0 not now, RSET",
    "250 2.0.0 taken, MAIL FROM:<a@here.test>",
  })
  void aRefusedChunkIsClearedAwayBeforeTheNextMessage(String answer, String next) { // RFC 3030 §2
    ScriptedServer server =
        ScriptedServer.of(
            CHUNKING
                + "S: 250 ok\nS: 250 ok\nC: BDAT 20 LAST\nC: Received: x\nC: \nS: "
                + answer
                + "\n");
    SmtpClient client = opened(server);
    assertThat(answers(sendBinary(client))).containsExactly("b CONTENT " + answer);

    SendResult _ = client.send(envelope("b"), "", TextContent.of("hi\r\n"));

    assertThat(server.received().substring(server.received().indexOf("BDAT")))
        .contains(".\n\u0000\r." + next + "\r\n");
  }

  @Test
  void noChunkIsSentForNobody() {
    ScriptedServer server = ScriptedServer.of(CHUNKING + "S: 250 ok\nS: 550 5.1.1 unknown\n");

    assertThat(answers(sendBinary(server))).containsExactly("b RCPT 550 5.1.1 unknown");
    assertThat(server.received()).doesNotContain("BDAT");
  }

  @Test
  void aChunkWithoutAnAnswerIsInDoubt() {
    ScriptedServer server = ScriptedServer.of(CHUNKING + "S: 250 ok\nS: 250 ok\nC: BDAT 20 LAST\n");

    assertThat(sendBinary(server))
        .isInstanceOfSatisfying(
            SendResult.Broken.class, broken -> assertThat(broken.inDoubt()).isTrue());
  }
}
