package org.depesche.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.depesche.mail.Reply;
import org.depesche.smtp.Command.Malformed;

/// Reads the parameters behind a path (RFC 5321 §4.1.2) and hands each to what knows it.
final class Parameters {

  static final Reply UNRECOGNIZED =
      Reply.of(555, "5.5.4", "Parameter not recognized or not implemented");
  static final Reply REPEATED = Reply.of(501, "5.5.4", "Parameter given twice");
  static final Reply MALFORMED = Reply.of(501, "5.5.4", "Syntax error in parameters");

  /// What a known parameter's value means.
  enum Reading {
    TAKEN,
    UNKNOWN_KEYWORD,
    BAD_VALUE
  }

  /// The parameters one verb knows.
  interface Known {

    /// Takes one parameter.
    ///
    /// @param keyword in upper case
    /// @param value empty when there was no `=`
    Reading take(String keyword, Optional<String> value);
  }

  private Parameters() {}

  /// Reads parameters to the end of the line; empty when all are well.
  static Optional<Malformed> read(Cursor cursor, Dialect dialect, Known known) {
    List<String> seen = new ArrayList<>();
    while (!cursor.atEnd()) {
      if (!cursor.eat(' ')) {
        return wrong(MALFORMED, "no space before a parameter");
      }
      cursor.skipSpaces();
      Optional<String> keyword = keyword(cursor);
      if (keyword.isEmpty()) {
        return wrong(MALFORMED, "no esmtp-keyword");
      }
      Optional<String> value = Optional.empty();
      if (cursor.eat('=')) {
        value = value(cursor);
        if (value.isEmpty()) {
          return wrong(MALFORMED, "no esmtp-value for " + keyword.get());
        }
      }
      if (dialect == Dialect.BASIC) {
        // RFC 5321 §2.2.1: extensions are for those who said EHLO.
        return wrong(UNRECOGNIZED, "parameter without EHLO: " + keyword.get());
      }
      Optional<Malformed> refusal = take(keyword.get(), value, known, seen);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  private static Optional<Malformed> take(
      String keyword, Optional<String> value, Known known, List<String> seen) {
    return switch (known.take(keyword, value)) {
      case TAKEN -> {
        if (seen.contains(keyword)) {
          yield wrong(REPEATED, "parameter repeated: " + keyword);
        }
        seen.add(keyword);
        yield Optional.empty();
      }
      // RFC 5321 §4.1.1.11
      case UNKNOWN_KEYWORD -> wrong(UNRECOGNIZED, "unknown parameter: " + keyword);
      case BAD_VALUE -> wrong(MALFORMED, "bad value for " + keyword);
    };
  }

  private static Optional<Malformed> wrong(Reply reply, String reason) {
    return Optional.of(new Malformed(reply, reason));
  }

  // esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
  private static Optional<String> keyword(Cursor cursor) {
    int from = cursor.position();
    int c = cursor.peek();
    while (Cursor.isLetter(c) || Cursor.isDigit(c) || c == '-' && cursor.position() > from) {
      cursor.advance();
      c = cursor.peek();
    }
    return cursor.position() > from
        ? Optional.of(cursor.textFrom(from).toUpperCase(Locale.ROOT))
        : Optional.empty();
  }

  // esmtp-value = 1*(%d33-60 / %d62-126), and UTF8-non-ascii by RFC 6531 §3.3
  private static Optional<String> value(Cursor cursor) {
    int from = cursor.position();
    int c = cursor.peek();
    while (c >= '!' && c <= '~' && c != '=' || c >= 0x80) {
      cursor.advance();
      c = cursor.peek();
    }
    return cursor.position() > from ? Optional.of(cursor.textFrom(from)) : Optional.empty();
  }
}
