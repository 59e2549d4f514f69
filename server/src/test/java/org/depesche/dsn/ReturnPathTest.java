package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.depesche.mail.BodyType;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.message.Content;
import org.depesche.message.RecodedContent;
import org.depesche.message.TransferNeeds;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.BytesContent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A sender hears of his message whatever it is made of, also by servers that take nothing but
/// ASCII (RFC 5321 §6.1, RFC 6533 §4.5).
class ReturnPathTest {

  private static final Session SESSION = Session.getInstance(new Properties());
  private static final Instant NOW = Instant.parse("2026-11-23T13:30:00Z");
  private static final Notification.Style STYLE =
      new Notification.Style("mx.here.test", () -> ZoneOffset.UTC, 20_000);
  private static final String PREFIX = "Received: by mx.here.test\r\n";
  private static final Mailbox ALICE = new Mailbox("alice", "here.test");
  private static final Mailbox JOERG = new Mailbox("jörg", "here.test");

  /// Messages, an octet as a character of Latin-1.
  enum Message {
    ASCII("Subject: x\n\nhi\n"),
    EIGHT_BIT_BODY("Subject: x\n\nGrüße\n"),
    UTF8_HEADER("Subject: Grüße\n\nhi\n"),
    UTF8_HEADER_OF_A_PART(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Description: ü\n\nhi\n--b--\n"),
    LATIN1_HEADER(ISO_8859_1, "Subject: Grüße\n\nü\n"),
    LINE_WITHOUT_COLON("Subject: x\nno field\n\nü\n"),
    ASCII_LINE_WITHOUT_COLON("Subject: x\nno field\n\nhi\n"),
    MULTIPART_WITHOUT_BOUNDARY("Content-Type: multipart/mixed\n\nü\n"),
    ENCODED_WITH_EIGHT_BITS("Content-Transfer-Encoding: base64\n\nü\n"),
    DEEP("Content-Type: message/rfc822\n\n".repeat(49) + "Subject: x\n\nü\n"),
    BINARY("Subject: x\n\n\0ü\n"),
    LONG_LINE("Subject: x\n\n" + "ü".repeat(600) + "\n"),
    NO_HEADER("\nü\n"),
    NO_LINE_END("Subject: x");

    private final String octets;

    Message(String text) {
      this(UTF_8, text);
    }

    Message(Charset charset, String text) {
      this.octets = new String(text.replace("\n", "\r\n").getBytes(charset), ISO_8859_1);
    }
  }

  private static Notification about(
      Message message, boolean smtputf8, Return ret, Action action, Mailbox sender)
      throws IOException {
    Recipient bob = new Recipient(new Mailbox("bob", "there.test"));
    Envelope envelope =
        new Envelope(
            sender, List.of(bob), BodyType.EIGHT_BIT_MIME, smtputf8, ret, Optional.empty());
    StoredMessage stored =
        new StoredMessage(
            new StoredEnvelope(
                new EnvelopeId(77),
                NOW,
                message.octets.length(),
                envelope,
                List.of(new RecipientState.Waiting(1, NOW, false, ""))),
            PREFIX,
            BytesContent.of(message.octets));
    Report report =
        new Report(
            bob,
            bob.address(),
            action,
            EnhancedStatus.parse(action == Action.FAILED ? "5.1.1" : "2.0.0"),
            "mx said: 550 ünknown",
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return Notification.compose(STYLE, stored, List.of(report), sender, "N1", NOW);
  }

  private static BodyPart returned(byte[] notification) throws Exception {
    MimeMessage message = new MimeMessage(SESSION, new ByteArrayInputStream(notification));
    MimeMultipart parts = (MimeMultipart) message.getContent();
    assertThat(parts.getCount()).isEqualTo(3);
    return parts.getBodyPart(2);
  }

  /// The library reads parts of the type message as if they were never encoded.
  private static String octets(BodyPart part) throws Exception {
    String[] encoding = part.getHeader("Content-Transfer-Encoding");
    boolean decoded = encoding == null || part.isMimeType("text/*");
    return new String(
        (decoded ? part.getInputStream() : MimeUtility.decode(part.getInputStream(), encoding[0]))
            .readAllBytes(),
        ISO_8859_1);
  }

  /// What a server gets that offers neither SMTPUTF8 nor 8BITMIME.
  private static byte[] inAscii(Notification notification) throws IOException {
    Content content = Content.of(notification.content());
    TransferNeeds needs = TransferNeeds.of(content);
    assertThat(needs.eightBitHeader()).isFalse();
    if (notification.envelope().body() == BodyType.SEVEN_BIT) {
      assertThat(needs.eightBit()).isFalse();
      return notification.content();
    }
    assertThat(needs.obstacle(true, true)).isEmpty();
    Content recoded = new RecodedContent(content, needs, true);
    ByteBuffer bytes = ByteBuffer.allocate((int) recoded.size());
    while (bytes.hasRemaining() && recoded.read(bytes.position(), bytes) > 0) {
      // As much as a read gives.
    }
    return bytes.array();
  }

  @ParameterizedTest
  @CsvSource({
    "ASCII,                      false, message/rfc822",
    "ASCII,                      true,  message/rfc822",
    "EIGHT_BIT_BODY,             false, message/rfc822",
    "EIGHT_BIT_BODY,             true,  message/rfc822",
    "UTF8_HEADER,                true,  message/global",
    "UTF8_HEADER,                false, text/rfc822-headers",
    "UTF8_HEADER_OF_A_PART,      true,  message/global",
    "UTF8_HEADER_OF_A_PART,      false, text/rfc822-headers",
    "LATIN1_HEADER,              true,  text/rfc822-headers",
    "LATIN1_HEADER,              false, text/rfc822-headers",
    "LINE_WITHOUT_COLON,         true,  message/global",
    "LINE_WITHOUT_COLON,         false, text/rfc822-headers",
    "ASCII_LINE_WITHOUT_COLON,   false, text/rfc822-headers",
    "MULTIPART_WITHOUT_BOUNDARY, true,  message/global",
    "MULTIPART_WITHOUT_BOUNDARY, false, text/rfc822-headers",
    "ENCODED_WITH_EIGHT_BITS,    false, text/rfc822-headers",
    "DEEP,                       false, text/rfc822-headers",
    "BINARY,                     true,  text/rfc822-headers",
    "BINARY,                     false, text/rfc822-headers",
    "LONG_LINE,                  true,  text/rfc822-headers",
    "LONG_LINE,                  false, text/rfc822-headers",
    "NO_HEADER,                  false, message/rfc822",
    "NO_LINE_END,                false, text/rfc822-headers",
  })
  void aFailureReachesASenderInAsciiByAnyServer(Message message, boolean smtputf8, String type)
      throws Exception {
    Notification notification = about(message, smtputf8, Return.FULL, Action.FAILED, ALICE);

    assertThat(notification.envelope().utf8()).isFalse();
    byte[] sent = inAscii(notification);
    assertThat(new String(sent, ISO_8859_1).chars()).allMatch(c -> c < 0x80);
    BodyPart returned = returned(sent);
    assertThat(returned.getContentType()).isEqualTo(type);
    if (type.startsWith("message/")) {
      assertThat(octets(returned(notification.content()))).isEqualTo(PREFIX + message.octets);
    }
  }

  // RFC 6533 §4.3
  @ParameterizedTest
  @CsvSource({
    "ASCII,          true,  text/rfc822-headers",
    "EIGHT_BIT_BODY, true,  text/rfc822-headers",
    "UTF8_HEADER,    true,  message/global-headers",
    "UTF8_HEADER,    false, text/rfc822-headers",
    "LATIN1_HEADER,  true,  text/rfc822-headers",
    "LATIN1_HEADER,  false, text/rfc822-headers",
  })
  void aHeaderReachesThemToo(Message message, boolean smtputf8, String type) throws Exception {
    String header = message.octets.replaceFirst("(?s)\r\n\r\n.*", "\r\n");

    for (Action action : Action.values()) {
      for (Return ret : Return.values()) {
        if (action == Action.FAILED && ret == Return.FULL) {
          continue;
        }
        Notification notification = about(message, smtputf8, ret, action, ALICE);

        assertThat(notification.envelope().utf8()).isFalse();
        byte[] sent = inAscii(notification);
        assertThat(new String(sent, ISO_8859_1).chars()).allMatch(c -> c < 0x80);
        BodyPart returned = returned(sent);
        assertThat(returned.getContentType()).isEqualTo(type);
        assertThat(octets(returned)).isEqualTo(PREFIX + header);
      }
    }
  }

  /// RFC 6533 §4.1: it goes by servers with SMTPUTF8 or not at all.
  @ParameterizedTest
  @CsvSource({
    "ASCII,         FULL, message/rfc822,        ",
    "UTF8_HEADER,   FULL, message/global,         8bit",
    "UTF8_HEADER,   HDRS, message/global-headers, 8bit",
    "LATIN1_HEADER, FULL, message/rfc822,         8bit",
  })
  void aSenderBeyondAsciiGetsItAsItIs(
      Message message, Return ret, String type, @Nullable String encoding) throws Exception {
    Notification notification = about(message, true, ret, Action.FAILED, JOERG);

    assertThat(notification.envelope().utf8()).isTrue();
    BodyPart returned = returned(notification.content());
    assertThat(returned.getContentType()).isEqualTo(type);
    assertThat(returned.getHeader("Content-Transfer-Encoding"))
        .isEqualTo(encoding == null ? null : new String[] {encoding});
  }

  // RFC 6531 §3.2: a domain has A-labels.
  @Test
  void aSenderWithADomainBeyondAsciiIsReachedByAnyServer() throws Exception {
    Mailbox sender = new Mailbox("alice", "bücher.test");

    Notification notification =
        about(Message.UTF8_HEADER, true, Return.FULL, Action.FAILED, sender);

    assertThat(notification.envelope().utf8()).isFalse();
    assertThat(notification.envelope().recipients().getFirst().address()).isEqualTo(sender);
    assertThat(new String(inAscii(notification), UTF_8))
        .contains("\r\nTo: <alice@xn--bcher-kva.test>\r\n");
  }
}
