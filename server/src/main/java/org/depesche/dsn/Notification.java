package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.depesche.mail.BodyType;
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
    boolean utf8 =
        !to.isAscii()
            || about.envelope().utf8()
            || reports.stream()
                .anyMatch(r -> !r.address().isAscii() || !r.recipient().address().isAscii());
    ReturnedPart header = ReturnedPart.header(original.prefix(), original.content(), utf8);
    ReturnedPart returned = returned(style, original, ordered, utf8).orElse(header);
    String human = HumanPart.of(style.hostname(), ordered, doubleBounce, style.zone().get());
    String status =
        StatusPart.of(
            style.hostname(), about.envelope().envid(), about.receivedAt(), ordered, now, utf8);
    Parts parts = new Parts(human, status, returned, utf8);
    String head = head(style, ordered.getFirst().action(), header, to, name, now, parts);
    BodyType body = parts.isEightBit() ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT;
    Recipient recipient = new Recipient(to, Notify.NEVER, Optional.empty());
    return new Notification(
        new Envelope(
            NullPath.INSTANCE,
            List.of(recipient),
            body,
            utf8,
            Return.UNSET,
            Optional.empty(),
            // RFC 8689 §5: protected as what it tells of.
            about.envelope().tls()),
        parts.message(head, name));
  }

  /// RFC 3461 §4.3: all of it only with a failure, and when it was asked for.
  private static Optional<ReturnedPart> returned(
      Style style, StoredMessage original, List<Report> reports, boolean utf8) throws IOException {
    boolean failure = reports.getFirst().action() == Action.FAILED;
    Envelope about = original.envelope().envelope();
    // RFC 8689 §5: RET=FULL is disregarded with REQUIRETLS.
    return failure && about.ret() == Return.FULL && about.tls() != TlsWish.REQUIRED
        ? ReturnedPart.whole(original.prefix(), original.content(), style.returnBytes(), utf8)
        : Optional.empty();
  }

  private static String head(
      Style style,
      Action worst,
      ReturnedPart original,
      Mailbox to,
      String name,
      Instant now,
      Parts parts) {
    StringBuilder head = new StringBuilder(512);
    field(head, "From", "Mail Delivery System <MAILER-DAEMON@" + style.hostname() + ">");
    field(head, "To", "<" + to.wire() + ">");
    field(head, "Subject", subject(worst, original));
    field(head, "Date", StatusPart.DATE.format(now.atZone(style.zone().get())));
    field(head, "Message-ID", "<" + name + ".dsn@" + style.hostname() + ">");
    original
        .field("Message-ID")
        .filter(id -> id.matches("<[!-;=?-~]{1,250}>"))
        .ifPresent(id -> field(head, "References", id));
    // RFC 3834 §5: so that no vacation program answers.
    field(head, "Auto-Submitted", "auto-replied");
    field(head, "MIME-Version", "1.0");
    field(
        head,
        "Content-Type",
        "multipart/report; report-type=delivery-status;\r\n boundary=\""
            + parts.boundary(name)
            + "\"");
    if (parts.isEightBit()) {
      field(head, "Content-Transfer-Encoding", "8bit");
    }
    return head.append("\r\n").toString();
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static String subject(Action worst, ReturnedPart original) {
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

  /// The three parts and what holds them together.
  private record Parts(String human, String status, ReturnedPart returned, boolean utf8) {

    boolean isEightBit() {
      return returned.eightBit() || !isAscii(human) || !isAscii(status);
    }

    /// RFC 2046 §5.1.1: a boundary occurs in none of the parts.
    String boundary(String name) {
      String all = human + status + new String(returned.bytes(), ISO_8859_1);
      String boundary = "=_" + name;
      for (int i = 0; all.contains("--" + boundary); i++) {
        boundary = "=_" + name + "." + i;
      }
      return boundary;
    }

    byte[] message(String head, String name) {
      String boundary = "--" + boundary(name);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      write(out, head);
      write(out, boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\n");
      encoding(out, !isAscii(human));
      write(out, "\r\n" + human + boundary + "\r\n");
      // RFC 6533 §3: its own type, because message/delivery-status is ASCII.
      write(
          out,
          "Content-Type: message/"
              + (utf8 ? "global-delivery-status" : "delivery-status")
              + "\r\n");
      encoding(out, !isAscii(status));
      write(out, "\r\n" + status + "\r\n" + boundary + "\r\n");
      write(out, "Content-Type: " + returned.type() + "\r\n");
      encoding(out, returned.eightBit());
      write(out, "\r\n");
      out.writeBytes(returned.bytes());
      write(out, "\r\n" + boundary + "--\r\n");
      return out.toByteArray();
    }

    private static void encoding(ByteArrayOutputStream out, boolean eightBit) {
      if (eightBit) {
        write(out, "Content-Transfer-Encoding: 8bit\r\n");
      }
    }

    private static void write(ByteArrayOutputStream out, String text) {
      out.writeBytes(text.getBytes(UTF_8));
    }

    private static boolean isAscii(String text) {
      return text.chars().allMatch(c -> c < 0x80);
    }
  }
}
