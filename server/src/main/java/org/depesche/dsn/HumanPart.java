package org.depesche.dsn;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// The part of a notification that people read (RFC 6522 §3, first part).
final class HumanPart {

  private static final int LONGEST_REASON = 2000;
  private static final DateTimeFormatter MOMENT =
      DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu, HH:mm zzz", Locale.ENGLISH);

  private final StringBuilder out = new StringBuilder(1024);
  private final ZoneId zone;

  private HumanPart(ZoneId zone) {
    this.zone = zone;
  }

  /// @param doubleBounce it goes to the postmaster, because the message was a notification itself
  static String of(String hostname, List<Report> reports, boolean doubleBounce, ZoneId zone) {
    HumanPart part = new HumanPart(zone);
    part.paragraph("This is the mail server " + hostname + ".");
    if (doubleBounce) {
      part.paragraph(
          "A message without a sender, such as a notification about another message, could not be"
              + " delivered. Nobody but you is told.");
    }
    part.section(reports, Action.FAILED, "Your message could not be delivered to:");
    part.section(reports, Action.DELAYED, "Your message has not been delivered yet to:");
    part.section(
        reports,
        Action.RELAYED,
        "Your message was handed on, to a server that will not tell when it is delivered, for:");
    part.section(
        reports,
        Action.EXPANDED,
        "Your message was handed on to everybody behind this address; you will not be told of"
            + " each:");
    part.section(reports, Action.DELIVERED, "Your message was delivered to:");
    part.paragraph("What follows is for mail programs and administrators.");
    return part.out.toString();
  }

  private void section(List<Report> reports, Action action, String heading) {
    List<Report> about = reports.stream().filter(r -> r.action() == action).toList();
    if (about.isEmpty()) {
      return;
    }
    paragraph(heading);
    about.forEach(this::recipient);
    if (action == Action.DELAYED) {
      paragraph(
          "You need not do anything. If it cannot be delivered in the end, you will be told.");
    }
  }

  private void recipient(Report report) {
    lines(Text.line(report.recipient().address().wire(), 400), "  ");
    if (report.action() == Action.FAILED || report.action() == Action.DELAYED) {
      PlainWords words = PlainWords.of(report.status());
      lines(words.meaning(), "    ");
      lines("Details: " + Text.line(report.reason(), LONGEST_REASON), "    ");
      if (report.action() == Action.FAILED && !words.advice().isEmpty()) {
        lines("What you can do: " + words.advice(), "    ");
      }
      report
          .retryUntil()
          .ifPresent(
              until ->
                  lines(
                      "It will be tried until " + MOMENT.format(until.atZone(zone)) + ".", "    "));
    }
    out.append("\r\n");
  }

  private void paragraph(String text) {
    lines(text, "");
    out.append("\r\n");
  }

  private void lines(String text, String indent) {
    Text.wrapped(text, indent).forEach(line -> out.append(line).append("\r\n"));
  }
}
