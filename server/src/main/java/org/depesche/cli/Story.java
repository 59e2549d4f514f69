package org.depesche.cli;

import java.util.ArrayList;
import java.util.List;
import org.depesche.admin.AddressReport;
import org.depesche.admin.Explanation;
import org.depesche.admin.MessageSummary;
import org.depesche.admin.QueueReport;
import org.depesche.admin.RoutePreview;
import org.depesche.admin.SessionReport;
import org.depesche.telemetry.MailEvent;

/// Tells people what happened to mail, in aligned lines.
final class Story {

  /// Recipients shown in a message's head.
  private static final int SHOWN = 20;

  private final StringBuilder out = new StringBuilder();

  private Story() {}

  static String of(RoutePreview preview) {
    StringBuilder out = new StringBuilder();
    out.append(
        "A message from %s to %s, sent by %s:%n"
            .formatted(
                preview.from().isEmpty() ? "<>" : Plain.text(preview.from()),
                Plain.text(preview.to()),
                Plain.text(preview.client())));
    out.append(
        preview.accepted()
            ? "  is taken\n"
            : "  is refused: " + Plain.text(preview.reply()) + "\n");
    if (!preview.reason().isEmpty()) {
      out.append("  because ").append(Plain.text(preview.reason())).append('\n');
    }
    for (RoutePreview.Way way : preview.ways()) {
      out.append("  ")
          .append(Plain.text(way.address()))
          .append("  goes to ")
          .append(Plain.text(way.route()))
          .append('\n');
      way.hosts().forEach(host -> out.append("      ").append(Plain.text(host)).append('\n'));
      if (!way.note().isEmpty()) {
        out.append("      ").append(Plain.text(way.note())).append('\n');
      }
    }
    return out.toString();
  }

  static String of(Explanation explanation) {
    Story story = new Story();
    story.head(explanation);
    story.timeline(explanation.timeline());
    story.queue(explanation.queue());
    return story.out.toString();
  }

  static String of(SessionReport report) {
    Story story = new Story();
    story.line("Refused in session " + Plain.text(report.sid()) + ":");
    story.line("");
    story.timeline(report.refusals());
    return story.out.toString();
  }

  static String of(AddressReport report) {
    Story story = new Story();
    String address = Plain.text(report.address());
    if (!report.messages().isEmpty()) {
      story.line("Messages from or to " + address + ", newest first:");
      story.line("");
      story.table(report.messages().stream().map(Story::row).toList());
    }
    if (!report.refusals().isEmpty()) {
      if (!report.messages().isEmpty()) {
        story.line("");
      }
      story.line("Refusals of mail from or to " + address + ", newest first:");
      story.line("");
      story.timeline(report.refusals());
    }
    return story.out.toString();
  }

  private void head(Explanation explanation) {
    line("Message " + explanation.eid());
    if (!explanation.timeline().isEmpty()
        && explanation.timeline().getFirst() instanceof MailEvent.Accepted head) {
      line("  from     " + sender(head.from()));
      line("  to       " + recipients(head.to()));
      line("  size     " + Plain.size(head.sizeBytes()));
      line(
          "  client   "
              + Plain.text(head.client() + " (" + head.helo() + ") by " + head.protocol())
              + ", session "
              + Plain.text(head.sid()));
    }
    line("");
  }

  private void timeline(List<? extends MailEvent> events) {
    List<List<String>> rows = new ArrayList<>();
    for (MailEvent event : events) {
      rows.add(List.of(Plain.time(event.at()), event.name(), who(event), what(event)));
    }
    table(rows);
  }

  private void queue(List<QueueReport.Delivery> queue) {
    if (queue.isEmpty()) {
      return;
    }
    line("");
    line("In the queue now:");
    line("");
    List<List<String>> rows = new ArrayList<>();
    for (QueueReport.Delivery entry : queue) {
      rows.add(
          List.of(
              Plain.time(entry.next()),
              entry.binds(),
              entry.to(),
              Plain.count(entry.recipients(), "recipient")
                  + ", "
                  + Plain.count(entry.attempts(), "attempt")
                  + " so far"));
    }
    table(rows);
  }

  private static List<String> row(MessageSummary summary) {
    MailEvent.Accepted head = summary.head();
    return List.of(
        head.eid().toString(),
        Plain.time(head.at()),
        sender(head.from()) + " -> " + recipients(head.to()),
        Plain.size(head.sizeBytes()),
        summary.state());
  }

  private static String who(MailEvent event) {
    return switch (event) {
      case MailEvent.Routed e -> e.rcpt();
      case MailEvent.Delivered e -> e.rcpt();
      case MailEvent.Waiting e -> e.rcpt();
      case MailEvent.Failed e -> e.rcpt();
      case MailEvent.Refused e -> e.to().isEmpty() ? "" : e.to();
      case MailEvent.Operated e -> e.who();
      case MailEvent.InDoubt e -> e.to();
      case MailEvent.Accepted _,
          MailEvent.Settled _,
          MailEvent.LoggedIn _,
          MailEvent.SessionEnded _,
          MailEvent.Noted _ ->
          "";
    };
  }

  private static String what(MailEvent event) {
    return switch (event) {
      case MailEvent.Accepted e -> "on disk after " + Plain.duration(e.took());
      case MailEvent.Refused e ->
          verb(e.command())
              + (e.from().isEmpty() ? "" : "from " + e.from() + ", ")
              + "reply "
              + e.reply()
              + "; because "
              + e.reason();
      case MailEvent.Routed e -> "goes to " + e.route();
      case MailEvent.Delivered e ->
          "to %s, attempt %d, after %s: %s"
              .formatted(e.to(), e.attempt(), Plain.duration(e.delay()), e.reply());
      case MailEvent.Waiting e ->
          (e.attempt() == 0 ? "" : "attempt " + e.attempt() + ": ")
              + e.reason()
              + "; "
              + (e.isOpenEnded()
                  ? "waits for an order (" + e.binds() + ")"
                  : "waits until " + Plain.time(e.until()) + " (" + e.binds() + ")");
      case MailEvent.Failed e ->
          "given up after %s, %s: %s"
              .formatted(
                  Plain.duration(e.delay()), Plain.count(e.attempt(), "attempt"), e.reason());
      case MailEvent.Settled e -> "done after " + Plain.duration(e.delay());
      case MailEvent.InDoubt _ ->
          "the server was ended before the answer was on record; sent again, there may be two";
      case MailEvent.Operated e -> e.action();
      case MailEvent.LoggedIn e -> e.account() + " by " + e.mechanism();
      case MailEvent.SessionEnded e -> e.reason();
      case MailEvent.Noted e -> e.what() + " " + e.detail();
    };
  }

  private static String verb(String command) {
    return command.isEmpty() ? "" : command + ": ";
  }

  private static String sender(String from) {
    return from.isEmpty() ? "<>" : Plain.text(from);
  }

  private static String recipients(List<String> to) {
    String shown = Plain.text(String.join(", ", to.subList(0, Math.min(SHOWN, to.size()))));
    return to.size() <= SHOWN ? shown : shown + ", and " + (to.size() - SHOWN) + " more";
  }

  /// Columns as wide as their widest cell; the last is not padded, and empty columns are left out.
  private void table(List<List<String>> rows) {
    List<List<String>> safe = rows.stream().map(r -> r.stream().map(Plain::text).toList()).toList();
    int columns = safe.isEmpty() ? 0 : safe.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : safe) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    for (List<String> row : safe) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        if (widths[i] > 0) {
          text.append(row.get(i)).repeat(' ', widths[i] - width(row.get(i)) + 2);
        }
      }
      line(text.toString().stripTrailing());
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
