package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.dsn.Notification;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.ReversePath;
import org.depesche.message.Content;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;
import org.depesche.testing.BytesContent;
import org.depesche.testing.ManualTime;
import org.depesche.testing.MemorySpool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Who hears of what (RFC 3461 §4.1, §5.2; RFC 5321 §4.5.5), and in which words.
class NotificationsTest {

  private static final Mailbox SENDER = new Mailbox("alice", "here.test");
  private static final Mailbox RECIPIENT = new Mailbox("bob", "there.test");
  private static final String CONTENT =
      "Message-ID: <1@here.test>\r\nSubject: Lunch\r\n\r\nAt noon?\r\n";

  private final ManualTime time = new ManualTime();
  private final MemorySpool spool = new MemorySpool(time);

  private List<Notifier.Written> write(
      ReversePath sender, Notify wanted, Notice.What what, Optional<Mailbox> doubleBounces) {
    return write(envelope(sender, wanted, Return.HDRS, RECIPIENT), what, doubleBounces, CONTENT);
  }

  private static Envelope envelope(
      ReversePath sender, Notify wanted, Return ret, Mailbox recipient) {
    return new Envelope(
        sender,
        List.of(new Recipient(recipient, wanted, Optional.of("rfc822;Bob+2B@there.test"))),
        BodyType.SEVEN_BIT,
        false,
        ret,
        Optional.of("QQ+2B1"));
  }

  private List<Notifier.Written> write(
      Envelope envelope, Notice.What what, Optional<Mailbox> doubleBounces, String content) {
    return write(envelope, what, doubleBounces, BytesContent.of(content));
  }

  private List<Notifier.Written> write(
      Envelope envelope, Notice.What what, Optional<Mailbox> doubleBounces, Content content) {
    Instant now = time.instant();
    StoredMessage message =
        new StoredMessage(
            new StoredEnvelope(
                new EnvelopeId(77),
                now,
                content.size(),
                envelope,
                List.of(new RecipientState.Waiting(1, now, false, ""))),
            "Received: by mx.test\r\n",
            content);
    Recipient recipient = envelope.recipients().getFirst();
    Item item =
        Item.of(
            new QueuedMessage(77, now.toEpochMilli(), 0),
            new Route.Nowhere("4.1.1", ""),
            List.of(new Leg(0, recipient.address())),
            Map.of(0, recipient),
            1,
            0);
    Notice notice =
        new Notice(
            0,
            recipient.address(),
            what,
            Optional.of(Cause.of("5.1.1", "mx said: 550 5.1.1 no such user")),
            "mx.there.test",
            Optional.empty(),
            new RecipientState.Waiting(1, now, false, ""),
            item,
            0);
    return new Notifications(
            new NotificationSettings(
                new Notification.Style("mx.test", () -> ZoneOffset.UTC, 50_000), doubleBounces),
            spool,
            time)
        .write(message, List.of(notice));
  }

  @ParameterizedTest
  @EnumSource(Return.class)
  void aSenderHearsAlsoOfAMessageThatCannotBeReadAnyMore(Return ret) {
    List<Notifier.Written> written =
        write(
            envelope(SENDER, Notify.DEFAULT, ret, RECIPIENT),
            Notice.What.FAILED,
            Optional.empty(),
            BytesContent.broken(500, "bad sector"));

    assertThat(written).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "unset, FAILED, true",
    "unset, DELAYED, true",
    "unset, DELIVERED, false",
    "unset, RELAYED, false",
    "NEVER, FAILED, false",
    "NEVER, DELAYED, false",
    "NEVER, DELIVERED, false",
    "SUCCESS, DELIVERED, true",
    "SUCCESS, RELAYED, true",
    "SUCCESS, FAILED, false",
    "FAILURE, FAILED, true",
    "FAILURE, DELAYED, false",
    "DELAY, DELAYED, true",
    "DELAY, FAILED, false",
  })
  void aSenderHearsWhatWasAskedFor(String notify, Notice.What what, boolean heard) {
    Notify wanted =
        switch (notify) {
          case "unset" -> Notify.DEFAULT;
          case "NEVER" -> Notify.NEVER;
          default ->
              new Notify(
                  false,
                  notify.equals("SUCCESS"),
                  notify.equals("FAILURE"),
                  notify.equals("DELAY"));
        };

    assertThat(write(SENDER, wanted, what, Optional.empty())).hasSize(heard ? 1 : 0);
    assertThat(write(NullPath.INSTANCE, wanted, what, Optional.empty())).isEmpty();
  }

  @Test
  void aNotificationThatFailsIsToldToThePostmasterAndToNobodyElse() {
    Optional<Mailbox> postmaster = Optional.of(new Mailbox("postmaster", "here.test"));

    assertThat(write(NullPath.INSTANCE, Notify.NEVER, Notice.What.FAILED, postmaster)).hasSize(1);
    assertThat(write(NullPath.INSTANCE, Notify.NEVER, Notice.What.DELAYED, postmaster)).isEmpty();
    // A word to the postmaster that fails makes no other.
    assertThat(
            write(
                envelope(NullPath.INSTANCE, Notify.NEVER, Return.HDRS, postmaster.orElseThrow()),
                Notice.What.FAILED,
                postmaster,
                CONTENT))
        .isEmpty();
  }

  private String text(Envelope envelope, String content) throws IOException {
    Notifier.Written written =
        write(envelope, Notice.What.FAILED, Optional.empty(), content).getFirst();
    var about = spool.begin();
    about.write(new byte[1], 0, 1);
    about.describe(new Envelope(SENDER, List.of(new Recipient(RECIPIENT))), "", time.instant());
    about.commit();
    spool
        .settle(
            new Settlement(
                about.id(), List.of(new RecipientState.Failed("x")), List.of(written.writer())))
        .join();
    try (StoredMessage stored = spool.open(written.writer().id()).orElseThrow()) {
      assertThat(stored.envelope().envelope().sender()).isEqualTo(NullPath.INSTANCE);
      ByteBuffer bytes = ByteBuffer.allocate((int) stored.content().size());
      while (bytes.hasRemaining() && stored.content().read(bytes.position(), bytes) > 0) {
        // As much as a read gives.
      }
      return new String(bytes.array(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void itSaysWhatHappenedToWhomAndForProgramsToo() throws IOException {
    String text = text(envelope(SENDER, Notify.DEFAULT, Return.HDRS, RECIPIENT), CONTENT);

    assertThat(text)
        .contains("Subject: Not delivered: Lunch\r\n")
        .contains("References: <1@here.test>\r\n")
        .contains("There is no mailbox with this address.\r\n")
        .contains("Original-Envelope-Id: QQ+1\r\n")
        .contains("Original-Recipient: rfc822;Bob+@there.test\r\n")
        .contains("Final-Recipient: rfc822; bob@there.test\r\nAction: failed\r\nStatus: 5.1.1\r\n")
        .contains("Content-Type: text/rfc822-headers\r\n")
        .doesNotContain("At noon?");
  }

  @Test
  void allOfTheMessageGoesBackWhenItWasAskedForAndFits() throws IOException {
    Envelope full = envelope(SENDER, Notify.DEFAULT, Return.FULL, RECIPIENT);

    assertThat(text(full, CONTENT))
        .contains("Content-Type: message/rfc822\r\n")
        .contains("At noon?");
    assertThat(text(full, CONTENT + "x\r\n".repeat(30_000)))
        .contains("Content-Type: text/rfc822-headers\r\n")
        .doesNotContain("At noon?");
    assertThat(text(full, CONTENT + "x".repeat(2000)))
        .contains("Content-Type: text/rfc822-headers\r\n");
  }

  @Test
  void nothingFromOutsideMakesAHeaderFieldOrEndsAPart() throws IOException {
    String hostile =
        "Subject: a\r\n\tb\u0007\r\nMessage-ID: <x@y>\r\n\tInjected: yes\r\n\r\nbody\r\n";

    String text = text(envelope(SENDER, Notify.DEFAULT, Return.HDRS, RECIPIENT), hostile);

    String header = text.substring(0, text.indexOf("\r\n\r\n"));
    assertThat(header).contains("Subject: Not delivered: your message").doesNotContain("Injected");
    assertThat(text.replace("\r\n", "")).doesNotContain("\r").doesNotContain("\n");
    assertThat(text.lines()).allMatch(line -> line.length() <= 998);
  }
}
