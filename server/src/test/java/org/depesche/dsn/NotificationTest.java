package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.depesche.mail.BodyType;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.BytesContent;
import org.depesche.testing.Documents;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Notifications as they go out, one file each in `src/test/dsn`, read back by another mail library
/// (RFC 3464, RFC 6522, RFC 6533).
class NotificationTest {

  /// Looks through the class path when it is made.
  private static final Session SESSION = Session.getInstance(new Properties());

  private static final Path GOLDEN = Path.of("server/src/test/dsn");
  private static final Instant RECEIVED = Instant.parse("2026-11-23T09:00:00Z");
  private static final Instant NOW = Instant.parse("2026-11-23T13:30:00Z");
  private static final Notification.Style STYLE =
      new Notification.Style("mx.here.test", () -> ZoneOffset.UTC, 2000);
  private static final String ORIGINAL =
      """
      From: Alice <alice@here.test>
      To: bob@there.test
      Subject: Lunch
      Message-ID: <1@here.test>

      At noon?
      """
          .replace("\n", "\r\n");

  /// One notification.
  private record Case(
      String name, Envelope envelope, String original, Mailbox to, List<Report> reports) {

    byte[] content() throws IOException {
      StoredMessage message =
          new StoredMessage(
              new StoredEnvelope(
                  new EnvelopeId(77),
                  RECEIVED,
                  original.length(),
                  envelope,
                  envelope.recipients().stream()
                      .map(_ -> (RecipientState) new RecipientState.Waiting(1, NOW, false, ""))
                      .toList()),
              "Received: from client.test by mx.here.test\r\n",
              BytesContent.of(original.getBytes(UTF_8)));
      return Notification.compose(STYLE, message, reports, to, "N1", NOW).content();
    }
  }

  private static Envelope envelope(ReversePath from, Return ret, Recipient... to) {
    return new Envelope(
        from, List.of(to), BodyType.SEVEN_BIT, false, ret, Optional.of("QQ+2B1+20x"));
  }

  private static Envelope international(ReversePath from, Return ret) {
    return new Envelope(
        from, List.of(GERMAN), BodyType.EIGHT_BIT_MIME, true, ret, Optional.of("QQ+2B1+20x"));
  }

  private static final Mailbox ALICE = new Mailbox("alice", "here.test");
  private static final Mailbox JOERG = new Mailbox("jörg", "here.test");
  private static final Recipient BOB =
      new Recipient(
          new Mailbox("bob", "there.test"),
          Notify.DEFAULT,
          Optional.of("rfc822;Bob+2B@there.test"));
  private static final Recipient CAROL = new Recipient(new Mailbox("carol", "there.test"));
  private static final Recipient GERMAN =
      new Recipient(
          new Mailbox("jürgen", "bücher.test"), Notify.DEFAULT, Optional.of("utf-8;jürgen@x.test"));

  private static Report report(Recipient to, Action action, String status, String reason) {
    return new Report(
        to,
        to.address(),
        action,
        EnhancedStatus.parse(status),
        reason,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Report refused(Recipient to, Reply reply) {
    return new Report(
        to,
        to.address(),
        Action.FAILED,
        reply.status().orElse(EnhancedStatus.parse("5.0.0")),
        "mx.there.test[192.0.2.1] said: " + reply,
        Optional.of("mx.there.test[192.0.2.1]"),
        Optional.of(reply),
        Optional.empty());
  }

  private static List<Case> cases() {
    Reply unknown = Reply.of(550, "5.1.1", "no such user");
    Report later =
        new Report(
            CAROL,
            CAROL.address(),
            Action.DELAYED,
            EnhancedStatus.parse("4.4.1"),
            "cannot connect to mx.there.test:25: Connection refused",
            Optional.of("mx.there.test"),
            Optional.empty(),
            Optional.of(Instant.parse("2026-11-28T09:00:00Z")));
    List<Case> cases = new ArrayList<>();
    cases.add(
        new Case(
            "failed",
            envelope(ALICE, Return.HDRS, BOB),
            ORIGINAL,
            ALICE,
            List.of(refused(BOB, unknown))));
    cases.add(
        new Case(
            "failed-whole-message",
            envelope(ALICE, Return.FULL, BOB),
            ORIGINAL,
            ALICE,
            List.of(refused(BOB, unknown))));
    cases.add(
        new Case(
            "failed-message-too-big-to-go-back",
            envelope(ALICE, Return.FULL, BOB),
            ORIGINAL + "More.\r\n".repeat(500),
            ALICE,
            List.of(refused(BOB, unknown))));
    cases.add(
        new Case("delayed", envelope(ALICE, Return.UNSET, CAROL), ORIGINAL, ALICE, List.of(later)));
    cases.add(
        new Case(
            "several-fates",
            envelope(ALICE, Return.FULL, BOB, CAROL),
            ORIGINAL,
            ALICE,
            List.of(
                report(CAROL, Action.DELIVERED, "2.0.0", ""),
                later,
                report(CAROL, Action.RELAYED, "2.0.0", ""),
                report(CAROL, Action.EXPANDED, "2.0.0", ""),
                refused(BOB, unknown))));
    List<Report> german =
        List.of(report(GERMAN, Action.FAILED, "5.6.7", "mx: an address needs SMTPUTF8"));
    String greetings = ORIGINAL.replace("Lunch", "Grüße");
    cases.add(
        new Case("international", international(ALICE, Return.HDRS), greetings, ALICE, german));
    cases.add(
        new Case(
            "international-whole-message",
            international(ALICE, Return.FULL),
            greetings,
            ALICE,
            german));
    cases.add(
        new Case(
            "international-sender", international(JOERG, Return.FULL), greetings, JOERG, german));
    cases.add(
        new Case(
            "words-that-would-do-harm",
            envelope(ALICE, Return.HDRS, BOB),
            ORIGINAL.replace("Lunch", "\u0007\u202e\u0000bell"),
            ALICE,
            List.of(
                refused(
                    BOB,
                    Reply.of(
                        550, "5.7.1", "first line", "Ünïcode \u202e turned", "x".repeat(1500))))));
    cases.add(
        new Case(
            "to-the-postmaster",
            envelope(NullPath.INSTANCE, Return.UNSET, BOB),
            ORIGINAL,
            new Mailbox("postmaster", "here.test"),
            List.of(refused(BOB, unknown))));
    return cases;
  }

  @TestFactory
  List<DynamicTest> asItGoesOut() {
    return cases().stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.name(),
                    () -> {
                      byte[] content = c.content();
                      assertWellFormed(content, !c.to().isAscii());
                      Documents.assertSame(
                          GOLDEN.resolve(c.name() + ".eml"),
                          new String(content, UTF_8).replace("\r\n", "\n"));
                    }))
        .toList();
  }

  private static final Pattern FIELD = Pattern.compile("[A-Z][A-Za-z-]+: \\S[^\\x00-\\x1f\\x7f]*");

  /// What another library finds in it.
  private static void assertWellFormed(byte[] content, boolean global) throws Exception {
    String wire = new String(content, ISO_8859_1);
    assertThat(wire).endsWith("\r\n");
    assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
    assertThat(wire.lines()).allMatch(line -> line.length() <= 998);
    MimeMessage message = new MimeMessage(SESSION, new ByteArrayInputStream(content));
    ContentType type = new ContentType(message.getContentType());
    assertThat(type.match("multipart/report")).isTrue();
    assertThat(type.getParameter("report-type")).isEqualTo("delivery-status");
    assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-replied");
    assertThat(message.getFrom()).hasSize(1);
    assertThat(message.getMessageID()).isNotBlank();
    MimeMultipart parts = (MimeMultipart) message.getContent();
    assertThat(parts.getCount()).isEqualTo(3);
    assertThat(parts.isComplete()).isTrue();
    assertThat(parts.getBodyPart(0).isMimeType("text/plain")).isTrue();
    BodyPart status = parts.getBodyPart(1);
    assertThat(status.getContentType())
        .isEqualTo("message/" + (global ? "global-delivery-status" : "delivery-status"));
    assertStatusFields(status.getInputStream().readAllBytes(), global);
    assertThat(parts.getBodyPart(2).getContentType())
        .matches("text/rfc822-headers|message/(rfc822|global|global-headers)");
  }

  /// RFC 3464 §2.1: groups of fields with an empty line between them, about the message first.
  private static void assertStatusFields(byte[] bytes, boolean global) {
    String text = new String(bytes, global ? UTF_8 : US_ASCII);
    String[] groups = text.strip().split("\r\n\r\n");
    assertThat(groups).hasSizeGreaterThanOrEqualTo(2);
    assertThat(groups[0]).contains("Reporting-MTA: dns; ");
    for (int i = 0; i < groups.length; i++) {
      assertThat(groups[i].split("\r\n")).allMatch(line -> FIELD.matcher(line).matches());
      if (i > 0) {
        assertThat(groups[i])
            .containsOnlyOnce("Final-Recipient: ")
            .containsPattern("\nAction: (failed|delayed|delivered|relayed|expanded)\r")
            .containsPattern("\nStatus: [245]\\.\\d{1,3}\\.\\d{1,3}(\r|$)");
      }
    }
  }

  private static byte[] about(String original, Return ret) throws IOException {
    Reply unknown = Reply.of(550, "5.1.1", "no such user");
    return new Case("", envelope(ALICE, ret, BOB), original, ALICE, List.of(refused(BOB, unknown)))
        .content();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Subject: a", "Message-ID: <a", "X-Folded: a"})
  void aFieldFoldedOverAllOfAHeader(String beginning) throws Exception {
    String original = beginning + "\r\n b".repeat(100_000) + "\r\n\r\nhi\r\n";

    byte[] content = about(original, Return.FULL);

    assertWellFormed(content, false);
    assertThat(new String(content, US_ASCII)).contains("Subject: Not delivered: your message\r\n");
    assertThat(content.length).isLessThan(80_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Subject: Lunch                  | Lunch",
        "X: y~subject :~ Lunch~  at noon | Lunch  at noon",
        "Subject:Lunch~Subject: Dinner   | Lunch",
        "Subject: Lunch~~Subject: Dinner | Lunch",
        "Subjects: Dinner~X: Subject: no | your message",
        "X: y~ Subject: Dinner           | your message",
        "Subject                         | your message",
        "Subject~ : Dinner               | your message",
      })
  void theSubjectThatItTellsOf(String header, String subject) throws Exception {
    byte[] content = about(header.replace("~", "\r\n") + "\r\n\r\nhi\r\n", Return.HDRS);

    assertThat(new String(content, US_ASCII))
        .contains("Subject: Not delivered: " + subject + "\r\n");
  }

  /// Whatever a server, a sender or a message says.
  @FuzzTest(maxDuration = "1m")
  void anything(FuzzedDataProvider data) throws Exception {
    Optional<String> envid = Optional.of(data.consumeString(100));
    Recipient to =
        new Recipient(BOB.address(), Notify.DEFAULT, Optional.of(data.consumeString(200)));
    // A reply has no control characters, whoever sent it.
    String words = data.consumeString(1000).replaceAll("[\\x00-\\x1f\\x7f]", "?");
    Reply reply = new Reply(550, Optional.empty(), List.of(words, words));
    Report report =
        new Report(
            to,
            to.address(),
            Action.FAILED,
            EnhancedStatus.parse("5.0.0"),
            data.consumeString(3000),
            Optional.of(data.consumeString(100)),
            Optional.of(reply),
            Optional.empty());
    Envelope envelope =
        new Envelope(ALICE, List.of(to), BodyType.SEVEN_BIT, false, Return.FULL, envid);
    StoredMessage message =
        new StoredMessage(
            new StoredEnvelope(
                new EnvelopeId(77),
                RECEIVED,
                0,
                envelope,
                List.of(new RecipientState.Waiting(1, NOW, false, ""))),
            "Received: x\r\n",
            BytesContent.of(data.consumeRemainingAsBytes()));

    byte[] content =
        Notification.compose(STYLE, message, List.of(report), ALICE, "N1", NOW).content();

    assertThat(content.length).isLessThan(20_000);
    assertWellFormed(content, false);
  }
}
