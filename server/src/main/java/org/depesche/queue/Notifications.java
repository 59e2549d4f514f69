package org.depesche.queue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.dsn.Action;
import org.depesche.dsn.Notification;
import org.depesche.dsn.Report;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.message.Content;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.depesche.telemetry.MailEvent;

/// Decides who hears of what, and writes it into the spool (RFC 3461 §5.2, §6; RFC 5321 §6.1).
public final class Notifications implements Notifier {

  private final NotificationSettings settings;
  private final Spool spool;
  private final InstantSource clock;

  public Notifications(NotificationSettings settings, Spool spool, InstantSource clock) {
    this.settings = settings;
    this.spool = spool;
    this.clock = clock;
  }

  @Override
  public List<Written> write(StoredMessage message, List<Notice> notices) {
    ReversePath sender = message.envelope().envelope().sender();
    List<Report> reports = new ArrayList<>();
    for (Notice notice : notices) {
      Recipient recipient = message.envelope().envelope().recipients().get(notice.recipient());
      if (isWanted(sender, recipient, notice)) {
        reports.add(report(recipient, notice));
      }
    }
    Optional<Mailbox> to = sender instanceof Mailbox m ? Optional.of(m) : settings.doubleBounces();
    return reports.isEmpty() || to.isEmpty()
        ? List.of()
        : List.of(written(message, reports, to.get()));
  }

  private boolean isWanted(ReversePath sender, Recipient recipient, Notice notice) {
    if (sender instanceof NullPath) {
      // RFC 5321 §4.5.5: nothing is sent about a notification, but for a word to the postmaster;
      // and
      // none about that word.
      return notice.what() == Notice.What.FAILED
          && settings.doubleBounces().filter(to -> !to.equals(recipient.address())).isPresent();
    }
    return switch (notice.what()) {
      case FAILED -> recipient.wanted().failure();
      case DELAYED -> recipient.wanted().delay();
      case DELIVERED, RELAYED, EXPANDED -> recipient.wanted().success();
    };
  }

  private static Report report(Recipient recipient, Notice notice) {
    return new Report(
        recipient,
        notice.address(),
        switch (notice.what()) {
          case FAILED -> Action.FAILED;
          case DELAYED -> Action.DELAYED;
          case DELIVERED -> Action.DELIVERED;
          case RELAYED -> Action.RELAYED;
          case EXPANDED -> Action.EXPANDED;
        },
        notice.cause().map(Cause::status).orElse(new EnhancedStatus(2, 0, 0)),
        notice.cause().map(Cause::text).orElse(""),
        notice
            .cause()
            .flatMap(Cause::host)
            .or(() -> Optional.of(notice.to()).filter(to -> notice.what() == Notice.What.RELAYED)),
        notice.cause().flatMap(Cause::reply),
        notice.retryUntil());
  }

  private Written written(StoredMessage about, List<Report> reports, Mailbox to) {
    Instant now = clock.instant();
    SpoolWriter writer = spool.begin();
    try {
      String name = writer.id().toString();
      Notification notification = compose(about, reports, to, name, now);
      writer.write(notification.content(), 0, notification.content().length);
      writer.describe(notification.envelope(), "", now);
      return new Written(writer, accepted(writer, about, to, now));
    } catch (IOException e) {
      writer.abort();
      throw new SpoolException(
          SpoolException.Kind.BROKEN, "the message it is about cannot be read", e);
    } catch (RuntimeException | StackOverflowError e) {
      writer.abort();
      throw e;
    }
  }

  /// A message that cannot be read is not sent back, and its sender hears all the same.
  private Notification compose(
      StoredMessage about, List<Report> reports, Mailbox to, String name, Instant now)
      throws IOException {
    try {
      return Notification.compose(settings.style(), about, reports, to, name, now);
    } catch (IOException _) {
      StoredMessage envelope =
          new StoredMessage(about.envelope(), about.prefix(), Content.of(new byte[0]));
      return Notification.compose(settings.style(), envelope, reports, to, name, now);
    }
  }

  private static MailEvent accepted(
      SpoolWriter writer, StoredMessage about, Mailbox to, Instant now) {
    return new MailEvent.Accepted(
        now,
        writer.id(),
        "",
        "",
        "",
        "notification about " + about.envelope().id(),
        "",
        List.of(to.wire()),
        writer.size(),
        Duration.ZERO);
  }
}
