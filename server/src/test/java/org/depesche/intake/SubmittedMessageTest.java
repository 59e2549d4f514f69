package org.depesche.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Reply;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.ReceiveException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What submission does to a message (RFC 6409 §8), and whose name it lets stand in From.
class SubmittedMessageTest {

  private static final String COMPLETE =
      "Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@client.test>\r\n";
  private static final Account ALICE =
      Account.of(new Mailbox("alice", "example.org"))
          .withAliases(List.of(new Mailbox("sales", "example.org")))
          .withSendAs(List.of("@lists.test", "boss@example.org"));

  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private boolean aborted;
  private int asked;
  private Optional<Domain> completing = Optional.empty();

  private final Incoming next =
      new Incoming() {
        @Override
        public void write(byte[] bytes, int offset, int length) {
          taken.write(bytes, offset, length);
        }

        @Override
        public Receipt finish() {
          return new Receipt.Accepted(Reply.of(250, "2.0.0", "ok"));
        }

        @Override
        public void abort() {
          aborted = true;
        }
      };

  private String submitted(String message, int piece) throws ReceiveException {
    taken.reset();
    SubmittedMessage submitted =
        new SubmittedMessage(
            next,
            new SubmittedHeader(
                ALICE,
                author -> {
                  asked++;
                  return ALICE.maySendAs(author);
                },
                completing,
                "0abc",
                "mx.test",
                ZonedDateTime.of(2026, 11, 23, 13, 0, 0, 0, ZoneOffset.UTC)));
    byte[] bytes = message.getBytes(UTF_8);
    for (int i = 0; i < bytes.length; i += piece) {
      submitted.write(bytes, i, Math.min(piece, bytes.length - i));
    }
    var _ = submitted.finish();
    return taken.toString(UTF_8);
  }

  private String submitted(String message) throws ReceiveException {
    String whole = submitted(message, 100_000);
    assertThat(submitted(message, 1)).as("byte by byte").isEqualTo(whole);
    assertThat(submitted(message, 7)).isEqualTo(whole);
    return whole;
  }

  @Test
  void aCompleteMessageStaysAsItIs() throws ReceiveException {
    String message =
        "From: Alice <alice@example.org>\r\nTo: b@x.test\r\n"
            + COMPLETE
            + "\r\nBcc: this is text\r\n\r\n.\r\n";

    assertThat(submitted(message)).isEqualTo(message);
  }

  @Test
  void whatIsMissingIsAdded() throws ReceiveException {
    assertThat(submitted("Subject: x\r\n\r\nhi\r\n"))
        .isEqualTo(
            """
            Subject: x
            From: <alice@example.org>
            Date: Mon, 23 Nov 2026 13:00:00 +0000
            Message-ID: <0abc@mx.test>

            hi
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void aMessageThatIsAllBodyGetsAHeader() throws ReceiveException {
    assertThat(submitted("\r\nhi\r\n")).startsWith("From: <").endsWith(">\r\n\r\nhi\r\n");
    assertThat(submitted("hi there\r\n")).startsWith("From: <").endsWith(">\r\n\r\nhi there\r\n");
    assertThat(submitted("Subject: x\r\n")).endsWith("Message-ID: <0abc@mx.test>\r\n");
    assertThat(submitted("")).startsWith("From: <");
  }

  @Test
  void blindCopiesStayBlind() throws ReceiveException {
    assertThat(
            submitted(
                "From: alice@example.org\r\nBCC: a@x.test,\r\n b@x.test\r\nTo: c@x.test\r\n"
                    + "Resent-Bcc: d@x.test\r\n"
                    + COMPLETE
                    + "\r\nhi\r\n"))
        .isEqualTo("From: alice@example.org\r\nTo: c@x.test\r\n" + COMPLETE + "\r\nhi\r\n");
  }

  @Test
  void severalAuthorsHaveASender() throws ReceiveException {
    assertThat(
            submitted(
                "From: alice@example.org, Sales <sales@example.org>\r\n" + COMPLETE + "\r\nhi\r\n"))
        .contains("\r\nSender: <alice@example.org>\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALICE@Example.ORG",
        "\"A, B\" <sales@example.org>",
        "=?utf-8?q?A?= <boss@example.org> (the boss, \"really\")",
        "anybody@lists.test",
        "Us: alice@example.org, sales@example.org;",
        "<alice@example.org>",
      })
  void authorsItMayBe(String from) throws ReceiveException {
    assertThat(submitted("From: " + from + "\r\n" + COMPLETE + "\r\nhi\r\n")).contains(from);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@example.org",
        "alice@example.org, bob@example.org",
        "\"alice@example.org\" <bob@example.org>",
        "alice@example.org <bob@example.org>",
        "bob@example.org (alice@example.org)",
        "<alice@example.org> <bob@example.org>",
        "alice@example.org\r\n\t,bob@example.org",
        "anybody@sub.lists.test",
        "alice",
        "",
        "\"alice@example.org",
        "alice@example.org>, <bob@example.org",
        "<alice@example.org\r\nFrom: bob@example.org",
      })
  void authorsItMayNotBe(String from) {
    assertThatThrownBy(() -> submitted("From: " + from + "\r\n" + COMPLETE + "\r\nhi\r\n", 1000))
        .isInstanceOfSatisfying(
            ReceiveException.class, e -> assertThat(e.reply().code()).isEqualTo(550));
  }

  @Test
  void twoFromFieldsAreOneTooMany() {
    assertThatThrownBy(
            () ->
                submitted("From: alice@example.org\r\nFrom: alice@example.org\r\n\r\nhi\r\n", 1000))
        .isInstanceOfSatisfying(
            ReceiveException.class,
            e -> assertThat(e.reply()).hasToString("550 5.6.0 More than one From field"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "bob                      | bob@example.org",
        "Bob <bob>                | Bob <bob@example.org>",
        "<bob >                   | <bob@example.org >",
        "bob (Bob, at home)       | bob@example.org (Bob, at home)",
        "(he) bob                 | (he) bob@example.org",
        "bob,cy@other.test , dan  | bob@example.org,cy@other.test , dan@example.org",
        "Us: bob, <cy>;           | Us: bob@example.org, <cy@example.org>;",
        "undisclosed-recipients:; | undisclosed-recipients:;",
        "bob,~cy~                 | bob@example.org,~cy@example.org~",
        "\"b c\" <\"d e\">           | \"b c\" <\"d e\"@example.org>",
        "\"b@c\"                  | \"b@c\"@example.org",
        "jürgen                   | jürgen@example.org",
        "bob@machine              | bob@machine",
        "<>                       | <>",
        "Bob Smith                | Bob Smith",
        "\"bob                    | \"bob",
        "cy, <bob                 | cy, <bob",
      })
  void addressesWithoutADomainGetTheOneThatIsSet(String given, String made)
      throws ReceiveException {
    String to = given.replace("~", "\r\n\t");
    String message = "From: alice@example.org\r\nTo: " + to + "\r\n" + COMPLETE + "\r\nbob\r\n";
    assertThat(submitted(message)).isEqualTo(message);

    completing = Optional.of(new Domain("example.org"));
    String wanted = made.replace("~", "\r\n\t");
    assertThat(submitted(message)).isEqualTo(message.replace("To: " + to, "To: " + wanted));
  }

  @Test
  void anAuthorIsCompletedBeforeAnybodyLooksWhoItIs() throws ReceiveException {
    completing = Optional.of(new Domain("example.org"));

    assertThat(submitted("FROM: Alice <alice>\r\nX-To: bob\r\n" + COMPLETE + "\r\nhi\r\n"))
        .startsWith("FROM: Alice <alice@example.org>\r\nX-To: bob\r\n");
    assertThatThrownBy(() -> submitted("From: bob\r\n" + COMPLETE + "\r\nhi\r\n", 1000))
        .isInstanceOfSatisfying(
            ReceiveException.class,
            e ->
                assertThat(e.reply()).hasToString("550 5.7.1 You may not send as bob@example.org"));
  }

  @Test
  void aHeaderHasALimit() {
    assertThatThrownBy(() -> submitted("X: " + "y".repeat(300_000), 4096))
        .isInstanceOfSatisfying(
            ReceiveException.class, e -> assertThat(e.reply().code()).isEqualTo(552));
    assertThat(aborted).as("for the session to do").isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X: a\nFrom: boss@elsewhere.test\r\n",
        "X: a\rFrom: boss@elsewhere.test\r\n",
        "X: a\n\nFrom: boss@elsewhere.test\r\n",
        "\nFrom: alice@example.org\r\n",
        "X: a\0\r\n",
        "X: a\r\n\r",
      })
  void aLineEndThatOnlySomeTakeForOneHidesNoAuthor(String header) {
    assertThatThrownBy(() -> submitted(header + COMPLETE + "\r\nhi\r\n", 1000))
        .isInstanceOfSatisfying(
            ReceiveException.class,
            e ->
                assertThat(e.reply())
                    .hasToString("550 5.6.0 A line of the header does not end in CRLF"));
  }

  @Test
  void theBodyMayHaveLineEndsOfAnyKind() throws ReceiveException {
    String message = "From: alice@example.org\r\n" + COMPLETE + "\r\nFrom: x\n\r\0\r\n";

    assertThat(submitted(message)).isEqualTo(message);
  }

  @Test
  void anAuthorIsAskedAboutOnce() throws ReceiveException {
    String from = "From: " + "alice@example.org,".repeat(10_000) + "sales@example.org\r\n";

    assertThat(submitted(from + COMPLETE + "\r\nhi\r\n", 1000)).contains("\r\nSender: <alice@");
    assertThat(asked).isEqualTo(2);
  }

  /// As long as a header may be, and nothing in it that would have each octet looked at again for
  /// each other.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``      | a:~                  | taken",
        "``      | To: a~               | taken",
        "To: a   | ~ ,                  | taken",
        "To:     | (                    | taken",
        "To:     | ()                   | taken",
        "To:     | \"\"                 | taken",
        "To:     | <                    | taken",
        "To:     | <\"                  | taken",
        "To:     | a:                   | taken",
        "To:     | a;                   | taken",
        "To:     | a@a,                 | taken",
        "To:     | \\                   | taken",
        "To:     | =?utf-8?q?=41?=      | taken",
        "From:   | (                    | 550",
        "From:   | \"                   | 550",
        "From:   | <                    | 550",
        "From:   | a:                   | 550",
        "From:   | a@b,                 | 550",
        "From:   | alice@example.org,   | taken",
        "From:   | a:alice@example.org; | taken",
        "From:   | =?utf-8?q?=41?=      | 550",
        "From: , | ~ alice@example.org, | taken",
      })
  @Timeout(10)
  void aHeaderThatRepeatsItself(String beginning, String repeated, String fate) {
    completing = Optional.of(new Domain("example.org"));
    String more = repeated.replace("~", "\r\n");
    String header = COMPLETE + beginning + more.repeat(200_000 / more.length()) + "\r\n\r\nhi\r\n";

    String came;
    try {
      came = submitted(header, 4096).isEmpty() ? "empty" : "taken";
    } catch (ReceiveException e) {
      came = Integer.toString(e.reply().code());
      assertThat(e.reason()).hasSizeLessThan(2000);
    }

    assertThat(came).isEqualTo(fate);
  }

  /// Whatever a client sends: nothing but a refusal, or a message whose only author is allowed.
  @FuzzTest(maxDuration = "1m")
  void anything(byte[] bytes) throws ReceiveException {
    try {
      assertThat(submitted(new String(bytes, UTF_8), 100)).isNotEmpty();
    } catch (ReceiveException e) {
      assertThat(e.reply().code()).isIn(550, 552);
    }
  }
}
