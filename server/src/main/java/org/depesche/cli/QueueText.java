package org.depesche.cli;

import org.depesche.admin.QueueChange;
import org.depesche.queue.QueueEntry;
import org.depesche.queue.QueueListing;
import org.depesche.queue.QueuedMail;

/// The queue as a person reads it.
final class QueueText {

  /// Recipients of a message that a list shows.
  private static final int SOME = 3;

  private QueueText() {}

  /// @param whole with all recipients of each message
  static String of(QueueListing listing, boolean whole) {
    StringBuilder out = new StringBuilder();
    for (QueuedMail mail : listing.shown()) {
      out.append(
          "%s  %s  %s  from %s%n"
              .formatted(
                  mail.eid(),
                  Plain.time(mail.receivedAt()),
                  Plain.size(mail.size()),
                  mail.from().isEmpty() ? "<>" : Plain.text(mail.from())));
      int shown = whole ? mail.recipients().size() : Math.min(SOME, mail.recipients().size());
      mail.recipients().subList(0, shown).forEach(line -> recipient(out, line));
      mail.deliveries().forEach(delivery -> delivery(out, delivery));
      if (shown < mail.recipients().size()) {
        out.append("    and ").append(mail.recipients().size() - shown).append(" more\n");
      }
    }
    out.append(
        listing.messages() == 0
            ? "Nothing matches.\n"
            : "%s, %s%s%n"
                .formatted(
                    Plain.count(listing.messages(), "message"),
                    Plain.count(listing.recipients(), "recipient"),
                    listing.shown().size() < listing.messages()
                        ? "; the first " + listing.shown().size() + " are shown"
                        : ""));
    return out.toString();
  }

  private static void recipient(StringBuilder out, QueuedMail.Line line) {
    out.append("    ").append(Plain.text(line.rcpt())).append("  ").append(line.state());
    String when = line.next().map(Plain::time).orElse("");
    switch (line.state()) {
      case "removed" -> out.append(", for good at ").append(when);
      case "held" -> out.append(", until released");
      default -> {}
    }
    if (line.attempts() > 0) {
      out.append(", ").append(Plain.count(line.attempts(), "attempt")).append(" made");
    }
    if (!line.via().isEmpty()) {
      out.append(", by ").append(Plain.text(line.via()));
    }
    out.append('\n');
    if (!line.reason().isEmpty()) {
      out.append("      ").append(Plain.text(line.reason())).append('\n');
    }
  }

  /// What a delivery waits for, and until when.
  private static void delivery(StringBuilder out, QueueEntry delivery) {
    String until = Plain.time(delivery.until());
    out.append("    ")
        .append(Plain.text(delivery.route()))
        .append(": ")
        .append(
            switch (delivery.binds()) {
              case "suspended" -> "suspended, until resumed";
              case "destination" ->
                  "the destination rests until " + until + ": " + Plain.text(delivery.reason());
              case "slot" -> "waits for its turn, as many as may are being delivered there";
              case "retry" -> "next attempt " + until;
              default -> "due";
            })
        .append('\n');
  }

  static String of(QueueChange change) {
    StringBuilder out = new StringBuilder();
    out.append(
        "%s%s: %s, %s%n"
            .formatted(
                change.dryRun() ? "Would " : "",
                change.verb(),
                Plain.count(change.messages(), "message"),
                Plain.count(change.recipients(), "recipient")));
    if (change.busy() > 0) {
      out.append(
          "%s left alone: an attempt is running; try again.%n"
              .formatted(Plain.count(change.busy(), "message")));
    }
    if (change.failed() > 0) {
      out.append(
          "%s could not be changed; the server's log says why.%n"
              .formatted(Plain.count(change.failed(), "message")));
    }
    return out.toString();
  }
}
