package org.depesche.message;

import java.util.Optional;

/// Goes through the parameters of a field such as Content-Type (RFC 2045 §5.1), each octet once,
/// however quotes and comments are nested in it. What stands in quotes or comments is no parameter:
/// who reads the message after us would not find it there either.
final class MimeParameters {

  /// A value without quotes is a token; some boundaries have what they may have in quotes only.
  private static final String VALUE_ENDS = ";\"";

  private final String text;
  private int at;

  private MimeParameters(String text) {
    this.text = text;
  }

  /// The value of the first parameter of a name; empty when there is none that can be read.
  static Optional<String> value(String field, String name) {
    return new MimeParameters(field).find(name);
  }

  private Optional<String> find(String name) {
    while (nextParameter()) {
      skipSpace();
      String word = word("=(" + VALUE_ENDS);
      skipSpace();
      if (!isAt('=')) {
        continue;
      }
      at++;
      skipSpace();
      Optional<String> value = isAt('"') ? quoted() : Optional.of(word(VALUE_ENDS));
      if (word.equalsIgnoreCase(name)) {
        return value.filter(v -> !v.isEmpty());
      }
    }
    return Optional.empty();
  }

  private boolean isAt(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  /// Goes behind the next semicolon; false when there is none.
  private boolean nextParameter() {
    while (at < text.length()) {
      switch (text.charAt(at)) {
        case ';' -> {
          at++;
          return true;
        }
        case '"' -> {
          var _ = quoted();
        }
        case '(' -> skipComment();
        default -> at++;
      }
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '(') {
        skipComment();
      } else if (Character.isWhitespace(c)) {
        at++;
      } else {
        return;
      }
    }
  }

  private String word(String ends) {
    int from = at;
    while (at < text.length()
        && !Character.isWhitespace(text.charAt(at))
        && ends.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(from, at);
  }

  /// RFC 5322 §3.2.4; empty when it does not end.
  private Optional<String> quoted() {
    StringBuilder meaning = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return Optional.of(meaning.toString());
      }
      if (c == '\\' && at + 1 < text.length()) {
        at++;
      }
      meaning.append(text.charAt(at));
    }
    return Optional.empty();
  }

  /// RFC 5322 §3.2.2: comments nest.
  private void skipComment() {
    int depth = 0;
    for (; at < text.length(); at++) {
      switch (text.charAt(at)) {
        case '\\' -> at++;
        case '(' -> depth++;
        case ')' -> {
          if (--depth == 0) {
            at++;
            return;
          }
        }
        default -> {}
      }
    }
    at = text.length();
  }
}
