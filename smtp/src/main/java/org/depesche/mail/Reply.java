package org.depesche.mail;

import java.util.List;
import java.util.Optional;

/// An SMTP reply (RFC 5321 §4.2): code, enhanced status where one belongs (RFC 2034 §4), text lines
/// without CRLF. Text is public: it names no path, setting or internal state.
public record Reply(int code, Optional<EnhancedStatus> status, List<String> lines) {

  public Reply {
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("not a reply code: " + code);
    }
    lines = List.copyOf(lines);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("a reply has a line");
    }
    for (String line : lines) {
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c < ' ' && c != '\t' || c == 0x7f) {
          throw new IllegalArgumentException("a reply line has no control characters");
        }
      }
    }
  }

  /// A reply without an enhanced status: 220, 221 to HELO, 250 to EHLO, 354 (RFC 2034 §4).
  public static Reply plain(int code, String... lines) {
    return new Reply(code, Optional.empty(), List.of(lines));
  }

  public static Reply of(int code, String status, String... lines) {
    return new Reply(code, Optional.of(EnhancedStatus.parse(status)), List.of(lines));
  }

  public boolean isPositive() {
    return code < 400;
  }

  public boolean isTransient() {
    return code >= 400 && code < 500;
  }

  public boolean isPermanent() {
    return code >= 500;
  }

  /// The bytes' text on the wire, CRLF at the end of each line. The status stands in every line
  /// (RFC 2034 §4).
  public String wire() {
    StringBuilder out = new StringBuilder(64);
    for (int i = 0; i < lines.size(); i++) {
      out.append(code).append(i == lines.size() - 1 ? ' ' : '-');
      status.ifPresent(s -> out.append(s).append(' '));
      out.append(lines.get(i)).append("\r\n");
    }
    return out.toString();
  }

  /// One line for logs: `550 5.1.1 no such user`.
  @Override
  public String toString() {
    return code + " " + status.map(s -> s + " ").orElse("") + String.join(" / ", lines);
  }
}
