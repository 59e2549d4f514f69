package org.depesche.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// Writes one event as one line: a timestamp, then `key=value` pairs in the order of `Key`. A value
/// that is not plain becomes a JSON string, so that no input can end a line, a value or a
/// terminal's patience.
final class MailLogLine {

  /// What a line may say, in the order in which it says it.
  enum Key {
    EVENT,
    SID,
    EID,
    RCPT,
    FROM,
    TO,
    CLIENT,
    HELO,
    WITH,
    TLS,
    AUTH,
    ACCOUNT,
    CREDENTIAL,
    COMMAND,
    ROUTE,
    REPLY,
    BINDS,
    REASON,
    ATTEMPT,
    UNTIL,
    DELAY_MS,
    TOOK_MS,
    SIZE,
    RCPTS,
    MESSAGES,
    LASTED_MS,
    WHO,
    ACTION,
    SUBJECT,
    WHAT,
    DETAIL;

    private final String word = name().toLowerCase(Locale.ROOT);

    String word() {
      return word;
    }
  }

  /// Characters of one value; what is longer ends in `…`.
  static final int MAX_VALUE = 1000;

  /// Recipients shown in an `accepted` line; `rcpts` says how many there are.
  static final int MAX_RECIPIENTS = 20;

  private static final int MAX_VERB = 16;
  private static final String HEX = "0123456789abcdef";
  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final StringBuilder out;

  /// Second the cached text belongs to: most lines share it with the line before.
  private long second = Long.MIN_VALUE;

  private String secondText = "";

  /// @param out where lines are appended
  MailLogLine(StringBuilder out) {
    this.out = out;
  }

  /// Appends an event's line, newline included.
  void append(MailEvent event) {
    timestamp(event.at());
    word(Key.EVENT, event.name());
    switch (event) {
      case MailEvent.Refused e -> refused(e);
      case MailEvent.Accepted e -> accepted(e);
      case MailEvent.Routed e -> {
        message(e.eid().toString(), e.rcpt());
        text(Key.ROUTE, e.route());
      }
      case MailEvent.Delivered e -> {
        message(e.eid().toString(), e.rcpt());
        text(Key.TO, e.to());
        text(Key.REPLY, e.reply());
        number(Key.ATTEMPT, e.attempt());
        duration(Key.DELAY_MS, e.delay());
        duration(Key.TOOK_MS, e.took());
      }
      case MailEvent.Waiting e -> {
        message(e.eid().toString(), e.rcpt());
        text(Key.BINDS, e.binds());
        text(Key.REASON, e.reason());
        number(Key.ATTEMPT, e.attempt());
        if (!e.isOpenEnded()) {
          word(Key.UNTIL, TIMESTAMP.format(e.until()));
        }
      }
      case MailEvent.Failed e -> {
        message(e.eid().toString(), e.rcpt());
        text(Key.REASON, e.reason());
        number(Key.ATTEMPT, e.attempt());
        duration(Key.DELAY_MS, e.delay());
      }
      case MailEvent.Settled e -> {
        word(Key.EID, e.eid().toString());
        duration(Key.DELAY_MS, e.delay());
      }
      case MailEvent.InDoubt e -> {
        word(Key.EID, e.eid().toString());
        text(Key.TO, e.to());
      }
      case MailEvent.LoggedIn e -> {
        text(Key.SID, e.sid());
        text(Key.CLIENT, e.client());
        text(Key.TLS, e.tls());
        text(Key.AUTH, e.mechanism());
        text(Key.ACCOUNT, e.account());
        text(Key.CREDENTIAL, e.credential());
      }
      case MailEvent.SessionEnded e -> {
        text(Key.SID, e.sid());
        text(Key.CLIENT, e.client());
        text(Key.REASON, e.reason());
        number(Key.MESSAGES, e.messages());
        duration(Key.LASTED_MS, e.lasted());
      }
      case MailEvent.Operated e -> {
        text(Key.WHO, e.who());
        text(Key.ACTION, e.action());
        text(Key.SUBJECT, e.subject());
      }
      case MailEvent.Noted e -> {
        text(Key.WHAT, e.what());
        text(Key.DETAIL, e.detail());
      }
    }
    out.append('\n');
  }

  private void refused(MailEvent.Refused e) {
    text(Key.SID, e.sid());
    text(Key.RCPT, e.to());
    text(Key.FROM, e.from());
    text(Key.CLIENT, e.client());
    text(Key.HELO, e.helo());
    // A client out of step may send a password where a verb belongs.
    text(Key.COMMAND, e.command().isEmpty() || isVerb(e.command()) ? e.command() : "?");
    text(Key.REPLY, e.reply().toString());
    text(Key.REASON, e.reason());
  }

  private void accepted(MailEvent.Accepted e) {
    text(Key.SID, e.sid());
    word(Key.EID, e.eid().toString());
    text(Key.FROM, e.from().isEmpty() ? "<>" : e.from());
    text(Key.TO, recipients(e.to()));
    text(Key.CLIENT, e.client());
    text(Key.HELO, e.helo());
    text(Key.WITH, e.protocol());
    duration(Key.TOOK_MS, e.took());
    number(Key.SIZE, e.sizeBytes());
    number(Key.RCPTS, e.to().size());
  }

  private void message(String eid, String rcpt) {
    word(Key.EID, eid);
    text(Key.RCPT, rcpt);
  }

  private void timestamp(Instant at) {
    if (at.getEpochSecond() != second) {
      second = at.getEpochSecond();
      secondText = TIMESTAMP.format(at).substring(0, 20);
    }
    int millis = at.getNano() / 1_000_000;
    out.append(secondText)
        .append((char) ('0' + millis / 100))
        .append((char) ('0' + millis / 10 % 10))
        .append((char) ('0' + millis % 10))
        .append('Z');
  }

  private void number(Key key, long value) {
    out.append(' ').append(key.word()).append('=').append(value);
  }

  private void duration(Key key, Duration value) {
    number(key, value.toMillis());
  }

  private void word(Key key, String value) {
    out.append(' ').append(key.word()).append('=').append(value);
  }

  /// A key whose value is empty is left out.
  private void text(Key key, String value) {
    if (value.isEmpty()) {
      return;
    }
    out.append(' ').append(key.word()).append('=');
    if (value.length() <= MAX_VALUE && isPlain(value)) {
      out.append(value);
    } else {
      quote(value);
    }
  }

  private static String recipients(List<String> to) {
    return to.size() == 1
        ? to.getFirst()
        : String.join(",", to.subList(0, Math.min(MAX_RECIPIENTS, to.size())));
  }

  private static boolean isVerb(String command) {
    return command.length() <= MAX_VERB
        && command.chars().allMatch(c -> c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z');
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  private void quote(String value) {
    out.append('"');
    int end = Math.min(value.length(), MAX_VALUE);
    if (end < value.length() && Character.isHighSurrogate(value.charAt(end - 1))) {
      end--;
    }
    for (int i = 0; i < end; ) {
      int c = value.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '"', '\\' -> out.append('\\').append((char) c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (isVisible(c)) {
            out.appendCodePoint(c);
          } else {
            escape(c);
          }
        }
      }
    }
    out.append(end < value.length() ? "…\"" : "\"");
  }

  /// False for what could end a line, move a cursor or turn text around (`Cc`, `Cf`, `Zl`, `Zp`,
  /// and what is no character).
  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private void escape(int codePoint) {
    for (char c : Character.toChars(codePoint)) {
      out.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) {
        out.append(HEX.charAt(c >> shift & 15));
      }
    }
  }
}
