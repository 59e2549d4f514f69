package org.depesche.dsn;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Ascii;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.mail.TlsWish;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.StoredMessage;

/// A message that tells a sender what became of his (RFC 3461 §6, RFC 6522).
///
/// @param envelope with the null path as sender, so that nothing is ever sent about it (RFC 5321
///   §4.5.5)
/// @param content header and body, ready to be stored
public record Notification(Envelope envelope, byte[] content) {

  private static final int LONGEST_SUBJECT = 120;

  /// What notifications have in common.
  ///
  /// @param hostname the name of this server
  /// @param zone in which people are told the time
  /// @param returnBytes how much of a message goes back when all of it was asked for
  public record Style(String hostname, Supplier<ZoneId> zone, int returnBytes) {}

  /// Composes a notification.
  ///
  /// @param to who is told: the sender, or the postmaster about a message without one
  /// @param name distinguishes this notification from all others
  /// @throws IOException when the original cannot be read
  public static Notification compose(
      Style style,
      StoredMessage original,
      List<Report> reports,
      Mailbox to,
      String name,
      Instant now)
      throws IOException {
    List<Report> ordered = reports.stream().sorted(Comparator.comparing(Report::action)).toList();
    StoredEnvelope about = original.envelope();
    boolean doubleBounce = about.envelope().sender() instanceof NullPath;
    Mailbox address = withALabels(to);
    // RFC 6533 §4.5: to an address in ASCII it may have to go by servers without SMTPUTF8.
    boolean utf8 = !address.isAscii();
    Original source = Original.of(original);
    String human = HumanPart.of(style.hostname(), ordered, doubleBounce, style.zone().get());
    String status =
        StatusPart.of(
            style.hostname(), about.envelope().envid(), about.receivedAt(), ordered, now, utf8);
    int most = mayGoBackWhole(about.envelope(), ordered) ? style.returnBytes() : 0;
    Parts parts = parts(human, status, source.forms(most, utf8), utf8);
    String fields = fields(style, ordered.getFirst().action(), source, address, name, now);
    Recipient recipient = new Recipient(to, Notify.NEVER, Optional.empty());
    return new Notification(
        new Envelope(
            NullPath.INSTANCE,
            List.of(recipient),
            parts.isEightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
            utf8,
            Return.UNSET,
            Optional.empty(),
            // RFC 8689 §5: protected as what it tells of.
            about.envelope().tls()),
        parts.message(fields, name));
  }

  /// RFC 6531 §3.2: a domain has a form that servers without SMTPUTF8 know, a local part has none.
  private static Mailbox withALabels(Mailbox to) {
    return Ascii.isAll(to.localPart()) && to.host() instanceof Domain domain
        ? new Mailbox(to.localPart(), new Domain(DomainNames.ascii(domain)))
        : to;
  }

  /// RFC 3461 §4.3: all of it only with a failure, and when it was asked for.
  private static boolean mayGoBackWhole(Envelope about, List<Report> reports) {
    boolean failure = reports.getFirst().action() == Action.FAILED;
    // RFC 8689 §5: RET=FULL is disregarded with REQUIRETLS.
    return failure && about.ret() == Return.FULL && about.tls() != TlsWish.REQUIRED;
  }

  /// With the first form of the original that does not keep the notification from its recipient.
  private static Parts parts(String human, String status, List<ReturnedPart> forms, boolean utf8)
      throws IOException {
    for (ReturnedPart form : forms.subList(0, forms.size() - 1)) {
      Parts parts = new Parts(human, status, form);
      // RFC 6531 §3.1: a server with SMTPUTF8 offers 8BITMIME too.
      if (utf8 || parts.goEverywhere()) {
        return parts;
      }
    }
    return new Parts(human, status, forms.getLast());
  }

  private static String fields(
      Style style, Action worst, Original original, Mailbox to, String name, Instant now) {
    StringBuilder fields = new StringBuilder(512);
    field(fields, "From", "Mail Delivery System <MAILER-DAEMON@" + style.hostname() + ">");
    field(fields, "To", "<" + to.wire() + ">");
    field(fields, "Subject", subject(worst, original));
    field(fields, "Date", StatusPart.DATE.format(now.atZone(style.zone().get())));
    field(fields, "Message-ID", "<" + name + ".dsn@" + style.hostname() + ">");
    original
        .field("Message-ID")
        .filter(id -> id.matches("<[!-;=?-~]{1,250}>"))
        .ifPresent(id -> field(fields, "References", id));
    // RFC 3834 §5: so that no vacation program answers.
    field(fields, "Auto-Submitted", "auto-replied");
    return fields.toString();
  }

  private static void field(StringBuilder fields, String name, String value) {
    fields.append(name).append(": ").append(value).append("\r\n");
  }

  private static String subject(Action worst, Original original) {
    String what =
        switch (worst) {
          case FAILED -> "Not delivered";
          case DELAYED -> "Not delivered yet";
          case RELAYED, EXPANDED -> "Handed on";
          case DELIVERED -> "Delivered";
        };
    // As it is, encoded words included: what needs more than ASCII is for their reader to decode.
    return original
        .field("Subject")
        .filter(s -> s.length() <= LONGEST_SUBJECT && s.matches("[\\x20-\\x7e]+"))
        .map(s -> what + ": " + s)
        .orElse(what + ": your message");
  }
}
