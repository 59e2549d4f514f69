package org.depesche.dsn;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.Xtext;

/// The part of a notification that programs read (RFC 3464 §2; with UTF-8 RFC 6533 §3).
final class StatusPart {

  static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss xx", Locale.ENGLISH);

  private static final int LONGEST_VALUE = 900;

  private final boolean utf8;
  private final StringBuilder out = new StringBuilder(512);

  private StatusPart(boolean utf8) {
    this.utf8 = utf8;
  }

  /// @param utf8 it may have addresses beyond ASCII
  static String of(
      String hostname,
      Optional<String> envid,
      Instant receivedAt,
      List<Report> reports,
      Instant now,
      boolean utf8) {
    StatusPart part = new StatusPart(utf8);
    // RFC 3464 §2.2.1: only when ENVID was given.
    envid.map(StatusPart::decoded).ifPresent(id -> part.field("Original-Envelope-Id", id));
    part.field("Reporting-MTA", "dns; " + hostname);
    part.field("Arrival-Date", DATE.format(receivedAt.atOffset(ZoneOffset.UTC)));
    for (Report report : reports) {
      part.recipient(report, now);
    }
    return part.out.toString();
  }

  private void recipient(Report report, Instant now) {
    out.append("\r\n");
    report.recipient().original().ifPresent(this::original);
    field("Final-Recipient", typed(report.address()));
    field("Action", report.action().word());
    field("Status", status(report).toString());
    report
        .host()
        // A socket of this machine has no name in the DNS.
        .filter(host -> !host.contains("/"))
        .ifPresent(host -> field("Remote-MTA", "dns; " + name(host)));
    // RFC 3464 §2.3.6: only what the remote server said; our own words are in the part for people.
    report
        .reply()
        .ifPresent(
            reply ->
                field("Diagnostic-Code", "smtp; " + Text.ascii(reply.toString(), LONGEST_VALUE)));
    if (report.action() == Action.FAILED || report.action() == Action.DELAYED) {
      field("Last-Attempt-Date", DATE.format(now.atOffset(ZoneOffset.UTC)));
    }
    report
        .retryUntil()
        .ifPresent(until -> field("Will-Retry-Until", DATE.format(until.atOffset(ZoneOffset.UTC))));
  }

  /// RFC 3464 §2.3.4: class 4 for what is still tried, also where a server has said 5.
  private static EnhancedStatus status(Report report) {
    EnhancedStatus status = report.status();
    return report.action() == Action.DELAYED
        ? new EnhancedStatus(4, status.subject(), status.detail())
        : status;
  }

  /// RFC 3464 §2.3.5: a name of the DNS, or an address literal where the server has no name.
  private static String name(String host) {
    // Behind a name there may be an address in brackets, and a port.
    String name =
        host.startsWith("[")
            ? host.substring(1).replaceFirst("].*", "")
            : host.replaceFirst("\\[.*", "").replaceFirst("^([^:]*):\\d+$", "$1");
    // RFC 5321 §4.1.3
    if (name.contains(":")) {
      return "[IPv6:" + name + "]";
    }
    return name.matches("[0-9.]+") ? "[" + name + "]" : name;
  }

  /// RFC 3464 §2.3.1: the address as it was given in ORCPT, the encoding for the way taken off.
  /// Addresses of the type utf-8 have an encoding of their own, for parts without UTF-8 (RFC 6533
  /// §3).
  private void original(String orcpt) {
    int semicolon = orcpt.indexOf(';');
    if (semicolon < 0) {
      return;
    }
    String type = orcpt.substring(0, semicolon);
    String value = orcpt.substring(semicolon + 1);
    field("Original-Recipient", type + ";" + address(type, value));
  }

  private String address(String type, String given) {
    if (!type.equalsIgnoreCase("utf-8")) {
      return decoded(given);
    }
    return utf8 ? Utf8Address.unicode(given) : Utf8Address.ascii(given);
  }

  private static String decoded(String xtext) {
    return Xtext.decode(xtext).orElse(xtext);
  }

  private String typed(Mailbox address) {
    if (address.isAscii()) {
      return "rfc822; " + address.wire();
    }
    return "utf-8; " + (utf8 ? address.wire() : Utf8Address.encoded(address.wire()));
  }

  private void field(String name, String value) {
    String clean = utf8 ? Text.line(value, LONGEST_VALUE) : Text.ascii(value, LONGEST_VALUE);
    if (!clean.isEmpty()) {
      out.append(name).append(": ").append(clean).append("\r\n");
    }
  }
}
