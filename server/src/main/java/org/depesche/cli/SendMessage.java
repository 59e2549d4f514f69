package org.depesche.cli;

import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// A message as a person describes it, and as it is sent (RFC 5322, RFC 2045).
///
/// @param from the author's address
/// @param to those it names as recipients; none makes them undisclosed
/// @param headers further fields, or such that replace what would stand there
/// @param text with line ends of any kind
record SendMessage(
    String from,
    List<String> to,
    String subject,
    List<Header> headers,
    String text,
    List<Attachment> attachments) {

  // RFC 5322 §3.3
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.ENGLISH);

  /// RFC 5322 §2.1.1
  private static final int MAX_LINE = 998;

  /// A header field.
  record Header(String name, String value) {

    /// Reads `Name: value`.
    ///
    /// @throws IllegalArgumentException when it is none, or one that MIME needs for itself
    static Header parse(String line) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip();
      // RFC 5322 §3.6.8: ftext
      if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new IllegalArgumentException("not a header field: " + line);
      }
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-") || lower.equals("mime-version")) {
        throw new IllegalArgumentException(name + " is made from the content; use --raw");
      }
      return new Header(name, checked(name, line.substring(colon + 1).strip()));
    }
  }

  /// A file that goes with it.
  record Attachment(String name, String type, byte[] bytes) {}

  SendMessage {
    to = List.copyOf(to);
    headers = List.copyOf(headers);
    attachments = List.copyOf(attachments);
    String _ = checked("Subject", subject);
  }

  private static String checked(String name, String value) {
    if (value.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
      throw new IllegalArgumentException(name + " has a control character or a line break");
    }
    return value;
  }

  /// The message, lines ending in CRLF. Its identifier is not in it: the same bytes may be sent
  /// many times, each a message of its own.
  ///
  /// @param boundary between the parts, unlike anything in them
  byte[] bytes(ZonedDateTime date, String boundary) {
    StringBuilder out = new StringBuilder(text.length() + 1000);
    field(out, "Date", DATE.format(date));
    field(out, "From", "<" + from + ">");
    field(
        out, "To", to.isEmpty() ? "undisclosed-recipients:;" : "<" + String.join(">, <", to) + ">");
    if (!has("Subject")) {
      out.append(SendEncoding.field("Subject", subject));
    }
    headers.forEach(h -> out.append(SendEncoding.field(h.name(), h.value())));
    out.append("MIME-Version: 1.0\r\n");
    if (attachments.isEmpty()) {
      text(out);
    } else {
      out.append("Content-Type: multipart/mixed;\r\n boundary=\"").append(boundary);
      out.append("\"\r\n\r\n--").append(boundary).append("\r\n");
      text(out);
      for (Attachment each : attachments) {
        out.append("--").append(boundary).append("\r\n");
        attachment(out, each);
      }
      out.append("--").append(boundary).append("--\r\n");
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void field(StringBuilder out, String name, String value) {
    if (!has(name)) {
      out.append(SendEncoding.folded(name, value));
    }
  }

  /// True when a field of that name was given.
  boolean has(String name) {
    return headers.stream().anyMatch(h -> h.name().equalsIgnoreCase(name));
  }

  private void text(StringBuilder out) {
    String lines = text.replaceAll("\r\n|\r|\n", "\r\n");
    if (!lines.isEmpty() && !lines.endsWith("\r\n")) {
      lines += "\r\n";
    }
    boolean plain = isPlain(lines);
    out.append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ");
    out.append(plain ? "7bit" : "quoted-printable").append("\r\n\r\n");
    out.append(plain ? lines : SendEncoding.quotedPrintable(lines));
  }

  // RFC 2045 §2.7: short lines of ASCII without NUL
  private static boolean isPlain(String lines) {
    return lines.lines().allMatch(line -> line.length() <= MAX_LINE)
        && lines.chars().allMatch(c -> c >= ' ' && c < 0x7f || c == '\t' || c == '\r' || c == '\n');
  }

  private static void attachment(StringBuilder out, Attachment each) {
    out.append("Content-Type: ").append(each.type()).append("\r\n");
    out.append(
        SendEncoding.folded(
            "Content-Disposition",
            "attachment; " + SendEncoding.parameter("filename", each.name())));
    out.append("Content-Transfer-Encoding: base64\r\n\r\n");
    out.append(SendEncoding.base64(each.bytes()));
  }
}
