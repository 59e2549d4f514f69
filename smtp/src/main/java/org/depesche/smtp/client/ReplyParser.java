package org.depesche.smtp.client;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Reply;

/// Reads one reply from the bytes of a server (RFC 5321 §4.2).
///
/// Strict where a mistake would put question and answer out of step: each line has three digits and
/// a space, a hyphen or its end, and all lines have the same code. Lenient where it cannot: a lone
/// LF ends a line, text may be missing, and what is not printable becomes a question mark.
final class ReplyParser {

  /// Longest reply. RFC 5321 §4.5.3.1.5 has 512 for a line.
  static final int MAX_OCTETS = 32 * 1024;

  private static final Pattern STATUS = Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?: +|$)");

  /// What a piece of input led to.
  sealed interface Step {

    /// The reply has further lines, or the line is not complete.
    enum More implements Step {
      INSTANCE
    }

    record Complete(Reply reply) implements Step {}

    /// Not SMTP.
    record Malformed(String reason) implements Step {}
  }

  private final Transcript transcript;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final List<String> texts = new ArrayList<>();
  private int octets;
  private int code;

  ReplyParser(Transcript transcript) {
    this.transcript = transcript;
  }

  /// Takes bytes up to the end of the reply, or all.
  Step take(ByteBuffer from) {
    while (from.hasRemaining()) {
      int length = lineLength(from);
      octets += length;
      if (octets > MAX_OCTETS) {
        return new Step.Malformed("reply longer than " + MAX_OCTETS + " octets");
      }
      byte[] bytes = new byte[length];
      from.get(bytes);
      line.write(bytes, 0, length);
      if (bytes[length - 1] != '\n') {
        break;
      }
      String text = text(line.toByteArray());
      line.reset();
      transcript.server(text);
      Step step = takeLine(text);
      if (!(step instanceof Step.More)) {
        return step;
      }
    }
    return Step.More.INSTANCE;
  }

  /// How much of what is there belongs to the line, its end included.
  private static int lineLength(ByteBuffer from) {
    int start = from.position();
    int at = start;
    while (at < from.limit() && from.get(at) != '\n') {
      at++;
    }
    return Math.min(at + 1, from.limit()) - start;
  }

  private Step takeLine(String text) {
    int read = code(text);
    if (read < 0) {
      return new Step.Malformed("not a reply: " + shortened(text));
    }
    if (!texts.isEmpty() && read != code) {
      return new Step.Malformed("reply changes from " + code + " to: " + shortened(text));
    }
    code = read;
    texts.add(text.length() > 4 ? text.substring(4) : "");
    return text.length() > 3 && text.charAt(3) == '-'
        ? Step.More.INSTANCE
        : new Step.Complete(reply());
  }

  /// The code a line begins with; -1 when it begins with none.
  private static int code(String text) {
    if (text.length() < 3 || text.length() > 3 && text.charAt(3) != ' ' && text.charAt(3) != '-') {
      return -1;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      code = code * 10 + c - '0';
    }
    // RFC 5321 §4.2: the first digit is 2 to 5; no command of ours has preliminary replies.
    return code >= 200 && code <= 599 ? code : -1;
  }

  private Reply reply() {
    Optional<String> status = status(texts.getFirst());
    List<String> lines = new ArrayList<>(texts.size());
    for (String text : texts) {
      lines.add(status.isPresent() && status(text).equals(status) ? withoutStatus(text) : text);
    }
    return new Reply(code, status.map(EnhancedStatus::parse), lines);
  }

  // RFC 2034 §4: the class of the status is the first digit of the code.
  private Optional<String> status(String text) {
    Matcher matcher = STATUS.matcher(text);
    return matcher.lookingAt() && text.charAt(0) - '0' == code / 100
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  private static String withoutStatus(String text) {
    Matcher matcher = STATUS.matcher(text);
    return matcher.lookingAt() ? text.substring(matcher.end()) : text;
  }

  /// A line as it came, with its end, as text.
  private static String text(byte[] line) {
    int length = line.length - 1;
    length -= length > 0 && line[length - 1] == '\r' ? 1 : 0;
    for (int i = 0; i < length; i++) {
      if (line[i] < ' ' || line[i] == 0x7f) {
        return printable(new String(line, 0, length, StandardCharsets.UTF_8));
      }
    }
    return new String(line, 0, length, StandardCharsets.US_ASCII);
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\t' ? '?' : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
