package org.depesche.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Values as a person reads them on a terminal.
final class Plain {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private Plain() {}

  /// UTC, as in the mail log.
  static String time(Instant time) {
    return time.equals(Instant.MAX) ? "never" : TIME.format(time);
  }

  /// `12 ms`, `1.5 s`, `4 min`, `2.0 h`, `3.1 d`.
  static String duration(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    if (seconds < 1) {
      return duration.toMillis() + " ms";
    }
    if (seconds < 60) {
      return number(seconds) + " s";
    }
    if (seconds < 3600) {
      return number(seconds / 60) + " min";
    }
    return seconds < 86_400 ? number(seconds / 3600) + " h" : number(seconds / 86_400) + " d";
  }

  /// `512 bytes`, `10.0 KiB`.
  static String size(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= 1024 && unit < UNITS.length - 1) {
      size /= 1024;
      unit++;
    }
    return (unit == 0 ? Long.toString(bytes) : number(size)) + " " + UNITS[unit];
  }

  /// `1 message`, `2 messages`.
  static String count(long count, String thing) {
    return count + " " + thing + (count == 1 ? "" : "s");
  }

  /// What went wrong.
  static String text(Exception e) {
    return text(e.getMessage() == null ? e.toString() : e.getMessage());
  }

  /// Text from elsewhere without what could move a cursor or turn text around.
  static String text(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (Character.getType(c)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    out.append(String.format(Locale.ROOT, "\\u%04x", c));
                default -> out.appendCodePoint(c);
              }
            });
    return out.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
