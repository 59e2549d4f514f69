package org.depesche.dsn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.depesche.message.Content;
import org.depesche.spool.StoredMessage;

/// The message a notification is about, as far as it can be a part of another one.
final class Original {

  private static final int LONGEST_HEADER = 64 * 1024;

  /// RFC 5321 §4.5.3.1.6: longest line, without its end.
  private static final int LONGEST_LINE = 998;

  private final StoredMessage message;
  private final byte[] header;

  private Original(StoredMessage message, byte[] header) {
    this.message = message;
    this.header = header;
  }

  static Original of(StoredMessage message) throws IOException {
    byte[] prefix = message.prefix().getBytes(UTF_8);
    byte[] start = read(prefix, message.content(), LONGEST_HEADER);
    String text = new String(start, prefix.length, start.length - prefix.length, ISO_8859_1);
    int end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n") + 2;
    // A header without an end within the bound is cut at a line.
    int cut = end >= 2 || text.startsWith("\r\n") ? end : text.lastIndexOf('\n') + 1;
    byte[] header = Arrays.copyOf(start, Math.min(prefix.length + cut, start.length));
    return new Original(message, isText(header) ? header : prefix);
  }

  /// The forms in which it may go back, those with more of it first. The last one needs nothing of
  /// the servers on its way that its recipient's address does not need.
  ///
  /// @param most octets of it that may go back; 0 for its header alone
  /// @param utf8 whether all servers on the way back offer SMTPUTF8
  List<ReturnedPart> forms(int most, boolean utf8) throws IOException {
    // RFC 6532 §3.7: a message that was sent as an internationalized one.
    boolean global = message.envelope().envelope().utf8() && isUtf8(header);
    boolean globalHeader = global && ReturnedPart.isEightBit(header);
    List<ReturnedPart> forms = new ArrayList<>();
    if (fits(most)) {
      byte[] whole = read(message.prefix().getBytes(UTF_8), message.content(), most);
      if (isText(whole)) {
        if (!globalHeader) {
          forms.add(ReturnedPart.plain("message/rfc822", whole));
        }
        if (global) {
          forms.add(ReturnedPart.global("message/global", whole, utf8));
        }
      }
    }
    // RFC 6533 §4.3; and RFC 6522 §4: text, so what is not ASCII in it can be encoded on the way.
    forms.add(
        globalHeader
            ? ReturnedPart.global("message/global-headers", header, utf8)
            : ReturnedPart.plain("text/rfc822-headers", header));
    return forms;
  }

  private boolean fits(int most) {
    return message.prefix().length() + message.content().size() <= most;
  }

  /// The value of a field of the header, unfolded; empty when it is not there. The header is
  /// somebody else's, so no pattern goes over it: one that repeats takes stack for each octet.
  Optional<String> field(String name) {
    String text = new String(header, UTF_8);
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

  /// The prefix and the beginning of the content.
  private static byte[] read(byte[] prefix, Content content, int most) throws IOException {
    byte[] bytes = Arrays.copyOf(prefix, prefix.length + (int) Math.min(most, content.size()));
    ByteBuffer buffer = ByteBuffer.wrap(bytes, prefix.length, bytes.length - prefix.length);
    while (buffer.hasRemaining() && content.read(buffer.position() - prefix.length, buffer) > 0) {
      // A read takes what is there, which may be less than asked for.
    }
    return buffer.hasRemaining() ? Arrays.copyOf(bytes, buffer.position()) : bytes;
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
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
