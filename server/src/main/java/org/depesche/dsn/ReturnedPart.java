package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.depesche.message.Content;

/// What of the original message goes back with a notification: its header, or all of it (RFC 3461
/// §4.3, RFC 6522 §3).
///
/// @param type the Content-Type
/// @param eightBit it has octets beyond ASCII
record ReturnedPart(String type, boolean eightBit, byte[] bytes) {

  private static final int LONGEST_HEADER = 64 * 1024;

  /// RFC 5321 §4.5.3.1.6: longest line, without its end.
  private static final int LONGEST_LINE = 998;

  /// The header.
  ///
  /// @param utf8 the notification may be an internationalized one (RFC 6533 §5)
  static ReturnedPart header(String prefix, Content content, boolean utf8) throws IOException {
    byte[] header = headerOf(prefix, content);
    boolean eightBit = isEightBit(header);
    return new ReturnedPart(
        utf8 && eightBit ? "message/global-headers" : "text/rfc822-headers", eightBit, header);
  }

  /// All of it; empty when it is too big, or not fit to be a part of another message.
  static Optional<ReturnedPart> whole(String prefix, Content content, int most, boolean utf8)
      throws IOException {
    if (prefix.length() + content.size() > most) {
      return Optional.empty();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(prefix.getBytes(UTF_8));
    out.writeBytes(read(content, most));
    byte[] bytes = out.toByteArray();
    if (!isText(bytes)) {
      return Optional.empty();
    }
    boolean global = utf8 && isEightBit(headerOf(prefix, content));
    return Optional.of(
        new ReturnedPart(global ? "message/global" : "message/rfc822", isEightBit(bytes), bytes));
  }

  /// The value of a field of the header, unfolded; empty when it is not there. The header is
  /// somebody else's, so no pattern goes over it: one that repeats takes stack for each octet.
  Optional<String> field(String name) {
    String text = new String(bytes, UTF_8);
    for (int at = 0; at < text.length(); at = lineEnd(text, at)) {
      if (text.regionMatches(true, at, name, 0, name.length())) {
        int colon = at + name.length();
        // RFC 5322 §4.5: obsolete forms have white space before the colon.
        while (text.startsWith(" ", colon) || text.startsWith("\t", colon)) {
          colon++;
        }
        if (text.startsWith(":", colon)) {
          return Optional.of(value(text, colon + 1));
        }
      }
    }
    return Optional.empty();
  }

  private static String value(String text, int from) {
    int end = lineEnd(text, from);
    while (text.startsWith(" ", end) || text.startsWith("\t", end)) {
      end = lineEnd(text, end);
    }
    return text.substring(from, end).replace("\r\n", "").strip();
  }

  private static int lineEnd(String text, int from) {
    int end = text.indexOf("\r\n", from);
    return end < 0 ? text.length() : end + 2;
  }

  private static byte[] headerOf(String prefix, Content content) throws IOException {
    byte[] start = read(content, LONGEST_HEADER);
    String text = new String(start, ISO_8859_1);
    int end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
    // A header without an end within the bound is cut at a line.
    int cut = end >= 2 || text.startsWith("\r\n") ? end : text.lastIndexOf("\r\n") + 2;
    ByteArrayOutputStream out = new ByteArrayOutputStream(prefix.length() + cut);
    out.writeBytes(prefix.getBytes(UTF_8));
    out.write(start, 0, Math.max(0, Math.min(cut, start.length)));
    byte[] header = out.toByteArray();
    return isText(header) ? header : prefix.getBytes(UTF_8);
  }

  private static byte[] read(Content content, int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, content.size()));
    while (buffer.hasRemaining() && content.read(buffer.position(), buffer) > 0) {
      // A read takes what is there, which may be less than asked for.
    }
    byte[] bytes = new byte[buffer.position()];
    buffer.flip().get(bytes);
    return bytes;
  }

  private static boolean isEightBit(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return true;
      }
    }
    return false;
  }

  /// RFC 2045 §2.8: lines of bounded length that end in CRLF, and no NUL.
  private static boolean isText(byte[] bytes) {
    int line = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\r' && i + 1 < bytes.length && bytes[i + 1] == '\n') {
        line = 0;
        i++;
      } else if (bytes[i] == 0 || bytes[i] == '\r' || bytes[i] == '\n' || ++line > LONGEST_LINE) {
        return false;
      }
    }
    return true;
  }
}
