package org.depesche.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Reply;

/// An event as the history keeps it: a line of fields with tabs between them, the event's name
/// first, lists last. Tab, line feed, carriage return and backslash in a field are written as `\t`,
/// `\n`, `\r`, `\\`. Times are milliseconds. The id of the message is not in the line.
final class HistoryLine {

  /// Characters kept of one field; the recipients of a message are a field each.
  static final int MAX_FIELD = 1000;

  private static final String NEVER = "-";

  private HistoryLine() {}

  /// Appends an event's line.
  ///
  /// @throws IllegalArgumentException for an event that the history does not keep
  static void append(StringBuilder out, MailEvent event) {
    out.append(event.name());
    time(out, event.at());
    switch (event) {
      case MailEvent.Accepted e -> {
        texts(out, e.sid(), e.client(), e.helo(), e.protocol(), e.from());
        number(out, e.sizeBytes());
        duration(out, e.took());
        e.to().forEach(to -> text(out, to));
      }
      case MailEvent.Refused e -> {
        texts(out, e.sid(), e.client(), e.helo(), e.command(), e.from(), e.to(), e.reason());
        number(out, e.reply().code());
        text(out, e.reply().status().map(EnhancedStatus::toString).orElse(""));
        e.reply().lines().forEach(line -> text(out, line));
      }
      case MailEvent.Routed e -> texts(out, e.rcpt(), e.route());
      case MailEvent.Delivered e -> {
        texts(out, e.rcpt(), e.to());
        number(out, e.attempt());
        duration(out, e.delay());
        duration(out, e.took());
        text(out, e.reply());
      }
      case MailEvent.Waiting e -> {
        texts(out, e.rcpt(), e.binds(), e.reason());
        number(out, e.attempt());
        time(out, e.until());
      }
      case MailEvent.Failed e -> {
        text(out, e.rcpt());
        number(out, e.attempt());
        duration(out, e.delay());
        text(out, e.reason());
      }
      case MailEvent.Settled e -> duration(out, e.delay());
      case MailEvent.InDoubt e -> text(out, e.to());
      case MailEvent.Operated e -> texts(out, e.who(), e.action());
      case MailEvent.LoggedIn _, MailEvent.SessionEnded _, MailEvent.Noted _ ->
          throw new IllegalArgumentException("the history does not keep " + event.name());
    }
  }

  /// True for the line of an `Accepted`.
  static boolean isAcceptance(String line) {
    return line.startsWith("accepted\t");
  }

  /// A field's text as it stands in a line.
  static String escaped(String field) {
    StringBuilder out = new StringBuilder();
    text(out, field);
    return out.substring(1);
  }

  /// Reads a line.
  ///
  /// @param eid the message it is about; not looked at for a refusal
  /// @throws IllegalArgumentException when it is none
  static MailEvent read(EnvelopeId eid, String line) {
    Fields f = new Fields(line);
    String name = f.text();
    Instant at = f.time();
    if (at.equals(Instant.MAX)) {
      throw new IllegalArgumentException("an event that never came: " + name);
    }
    return switch (name) {
      case "accepted" -> accepted(eid, at, f);
      case "refused" -> refused(at, f);
      case "routed" -> new MailEvent.Routed(at, eid, f.text(), f.text());
      case "delivered" -> {
        String rcpt = f.text();
        String to = f.text();
        int attempt = (int) f.number();
        yield new MailEvent.Delivered(
            at, eid, rcpt, to, attempt, f.duration(), f.duration(), f.text());
      }
      case "waiting" ->
          new MailEvent.Waiting(at, eid, f.text(), f.text(), f.text(), (int) f.number(), f.time());
      case "failed" -> {
        String rcpt = f.text();
        int attempt = (int) f.number();
        yield new MailEvent.Failed(at, eid, rcpt, attempt, f.duration(), f.text());
      }
      case "settled" -> new MailEvent.Settled(at, eid, f.duration());
      case "in-doubt" -> new MailEvent.InDoubt(at, eid, f.text());
      case "operated" -> new MailEvent.Operated(at, f.text(), f.text(), eid.toString());
      default -> throw new IllegalArgumentException("not an event: " + name);
    };
  }

  private static MailEvent.Accepted accepted(EnvelopeId eid, Instant at, Fields f) {
    String sid = f.text();
    String client = f.text();
    String helo = f.text();
    String protocol = f.text();
    String from = f.text();
    long size = f.number();
    Duration took = f.duration();
    return new MailEvent.Accepted(at, eid, sid, client, helo, protocol, from, f.rest(), size, took);
  }

  private static MailEvent.Refused refused(Instant at, Fields f) {
    String sid = f.text();
    String client = f.text();
    String helo = f.text();
    String command = f.text();
    String from = f.text();
    String to = f.text();
    String reason = f.text();
    int code = (int) f.number();
    Optional<EnhancedStatus> status =
        Optional.of(f.text()).filter(s -> !s.isEmpty()).map(EnhancedStatus::parse);
    Reply reply = new Reply(code, status, f.rest());
    return new MailEvent.Refused(at, sid, client, helo, command, from, to, reply, reason);
  }

  private static void texts(StringBuilder out, String... fields) {
    for (String field : fields) {
      text(out, field);
    }
  }

  private static void text(StringBuilder out, String field) {
    out.append('\t');
    int end = Math.min(field.length(), MAX_FIELD);
    for (int i = 0; i < end; i++) {
      char c = field.charAt(i);
      switch (c) {
        case '\t' -> out.append("\\t");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\\' -> out.append("\\\\");
        default -> out.append(c);
      }
    }
  }

  private static void number(StringBuilder out, long number) {
    out.append('\t').append(number);
  }

  private static void duration(StringBuilder out, Duration duration) {
    number(out, duration.toMillis());
  }

  private static void time(StringBuilder out, Instant time) {
    if (time.equals(Instant.MAX)) {
      out.append('\t').append(NEVER);
    } else {
      number(out, time.toEpochMilli());
    }
  }

  /// The fields of a line, taken from left to right.
  private static final class Fields {
    private final String[] fields;
    private int next;

    Fields(String line) {
      fields = line.split("\t", -1);
    }

    String text() {
      if (next == fields.length) {
        throw new IllegalArgumentException("a field is missing");
      }
      return unescape(fields[next++]);
    }

    long number() {
      return Long.parseLong(text());
    }

    Duration duration() {
      return Duration.ofMillis(number());
    }

    Instant time() {
      String text = text();
      return text.equals(NEVER) ? Instant.MAX : Instant.ofEpochMilli(Long.parseLong(text));
    }

    List<String> rest() {
      List<String> rest = new ArrayList<>();
      while (next < fields.length) {
        rest.add(text());
      }
      return rest;
    }

    private static String unescape(String field) {
      if (field.indexOf('\\') < 0) {
        return field;
      }
      StringBuilder out = new StringBuilder(field.length());
      for (int i = 0; i < field.length(); i++) {
        char c = field.charAt(i);
        if (c == '\\' && i + 1 < field.length()) {
          i++;
          c = field.charAt(i);
          c =
              switch (field.charAt(i)) {
                case 't' -> '\t';
                case 'n' -> '\n';
                case 'r' -> '\r';
                default -> field.charAt(i);
              };
        }
        out.append(c);
      }
      return out.toString();
    }
  }
}
