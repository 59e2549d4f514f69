package org.depesche.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Return;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpClientTest {

  private static final String HELLO =
      """
      S: 220 mx.test ESMTP
      C: EHLO me.test
      """;
  private static final String PIPELINING =
      HELLO
          + """
          S: 250-mx.test
          S: 250-PIPELINING
          S: 250 SIZE 1000
          """;
  private static final String PLAIN = HELLO + "S: 250 mx.test\n";

  private static SmtpClient client(ScriptedServer server) {
    return new SmtpClient(server, "me.test", Timeouts.RFC_5321, () -> 0, Transcript.NONE);
  }

  private static SmtpClient opened(ScriptedServer server) {
    SmtpClient client = client(server);
    assertThat(client.open()).isInstanceOf(Opening.Ready.class);
    return client;
  }

  private static Envelope envelope(String... recipients) {
    List<Recipient> to = new ArrayList<>();
    for (String each : recipients) {
      to.add(new Recipient(new Mailbox(each, "there.test")));
    }
    return new Envelope(new Mailbox("a", "here.test"), to);
  }

  private static SendResult send(ScriptedServer server, String... recipients) {
    return opened(server)
        .send(envelope(recipients), "Received: x\r\n", TextContent.of("\r\n.hi\r\n"));
  }

  private static List<String> answers(SendResult result) {
    return ((SendResult.Answered) result)
        .answers().stream()
            .map(a -> a.recipient().address().localPart() + " " + a.stage() + " " + a.reply())
            .toList();
  }

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

  // RFC 5321 §3.2
  @Test
  void aServerThatDoesNotKnowEhloIsGreetedWithHelo() {
    ScriptedServer server =
        ScriptedServer.of(
            HELLO
                + """
                S: 502 5.5.1 what?
                C: HELO me.test
                S: 250 mx.test
                """);

    assertThat(client(server).open()).isEqualTo(new Opening.Ready(Capabilities.NONE));
  }

  @Test
  void capabilitiesAreReadWhateverTheirCaseAndOrder() {
    ScriptedServer server =
        ScriptedServer.of(
            HELLO
                + """
                S: 250-mx.test at your service
                S: 250-size 1024
                S: 250-8bitmime
                S: 250-AUTH PLAIN LOGIN
                S: 250-
                S: 250 X-ODD=1
                """);

    SmtpClient client = opened(server);

    assertThat(client.capabilities().offers(Capability.EIGHT_BIT_MIME)).isTrue();
    assertThat(client.capabilities().offers(Capability.PIPELINING)).isFalse();
    assertThat(client.capabilities().maxSize()).hasValue(1024);
    assertThat(client.capabilities().byKeyword()).containsEntry("AUTH", "PLAIN LOGIN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIZE", "SIZE 0", "SIZE x", "SIZE -1", "SIZE 99999999999999999999"})
  void aSizeThatNamesNoLimitIsNoLimit(String line) {
    ScriptedServer server = ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 " + line + "\n");

    assertThat(opened(server).capabilities().maxSize()).isEmpty();
  }

  // RFC 9422 §4.1, §4.2
  @Test
  void limitsAreRead() {
    ScriptedServer server =
        ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 LIMITS RCPTMAX=20 mailmax=5 X=1\n");
    ScriptedServer odd =
        ScriptedServer.of(HELLO + "S: 250-mx.test\nS: 250 LIMITS MAILMAX=0 RCPTMAX=x\n");

    Capabilities limits = opened(server).capabilities();
    Capabilities none = opened(odd).capabilities();

    assertThat(limits.maxMessages()).hasValue(5);
    assertThat(limits.maxRecipients()).hasValue(20);
    assertThat(none.maxMessages()).isEmpty();
    assertThat(none.maxRecipients()).isEmpty();
  }

  // RFC 5321 §3.1
  @Test
  void aRefusalAsGreetingIsAnsweredWithQuit() {
    ScriptedServer server =
        ScriptedServer.of("S: 554 5.7.1 no service\nC: QUIT\nS: 221 2.0.0 bye\n");
    SmtpClient client = client(server);

    Opening opening = client.open();
    client.quit();

    assertThat(opening)
        .isEqualTo(new Opening.Refused(Stage.GREETING, Reply.of(554, "5.7.1", "no service")));
    assertThat(server.isDone()).isTrue();
  }

  @Test
  void aServerThatIsClosingIsNotSpokenToAgain() {
    ScriptedServer server = ScriptedServer.of("S: 421 4.3.2 later\n");
    SmtpClient client = client(server);

    Opening opening = client.open();
    client.quit();

    assertThat(opening)
        .isEqualTo(new Opening.Refused(Stage.GREETING, Reply.of(421, "4.3.2", "later")));
    assertThat(server.received()).isEmpty();
    assertThat(server.isClosed()).isTrue();
  }

  @Test
  void aTemporaryRefusalOfEhloIsNoReasonForHelo() {
    ScriptedServer server = ScriptedServer.of(HELLO + "S: 451 4.3.0 not now\n");

    assertThat(client(server).open())
        .isEqualTo(new Opening.Refused(Stage.HELLO, Reply.of(451, "4.3.0", "not now")));
    assertThat(server.received()).isEqualTo("EHLO me.test\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S: SSH-2.0-OpenSSH_9.2",
        "S! \\n\\n",
        "S! 220",
        "@silence",
        "@reset",
        "S: 354 go ahead",
        "S: 250 hello",
        "S! 220-a\\r\\n",
        "S: 220 mx.test\nS: 220 twice",
        "S: 220 mx.test\nC: EHLO me.test",
        "S: 220 mx.test\nC: EHLO me.test\n@silence",
        "S: 220 mx.test\nC: EHLO me.test\nS: 354 what",
        "S: 220 mx.test\nC: EHLO me.test\nS: 250-mx.test\nS: 550 no"
      })
  void whatIsNoGreetingBreaksTheSession(String script) {
    ScriptedServer server = ScriptedServer.of(script);
    SmtpClient client = client(server);

    Opening opening = client.open();

    assertThat(opening).isInstanceOf(Opening.Broken.class);
    assertThat(client.isOpen()).isFalse();
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

  private static final String UP_TO_CONTENT =
      PLAIN
          + """
          C: MAIL FROM:<a@here.test>
          S: 250 ok
          C: RCPT TO:<b@there.test>
          S: 250 ok
          C: DATA
          """;

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
    return opened(server)
        .send(
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

  @Test
  void aServerIsAskedWhetherItIsStillThere() {
    ScriptedServer server =
        ScriptedServer.of(PLAIN + "C: NOOP\nS: 250 2.0.0 ok\nC: NOOP\nS: 421 4.4.2 too late\n");
    SmtpClient client = opened(server);

    assertThat(client.noop()).isTrue();
    assertThat(client.isOpen()).isTrue();
    assertThat(client.noop()).isFalse();
    assertThat(client.isOpen()).isFalse();
    assertThat(client.noop()).isFalse();
  }
}
