package org.depesche.directory.dovecot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A line of Dovecot's protocols: fields with tabs between them, in which the characters that end
/// fields and lines are escaped.
///
/// @param fields the first one says what kind of line it is
record Line(List<String> fields) {

  /// Stands before a letter that means another character.
  private static final char ESCAPE = '\u0001';

  private static final String MEANT = "\0\u0001\t\r\n";
  private static final String LETTERS = "01trn";

  Line {
    fields = List.copyOf(fields);
  }

  static Line of(String... fields) {
    return new Line(List.of(fields));
  }

  /// Reads a line without its end.
  static Line parse(String text) {
    List<String> fields = new ArrayList<>();
    for (String field : text.split("\t", -1)) {
      fields.add(unescaped(field));
    }
    return new Line(fields);
  }

  /// As it is sent, with its end.
  String wire() {
    StringBuilder out = new StringBuilder();
    for (String field : fields) {
      out.append(out.isEmpty() ? "" : "\t").append(escaped(field));
    }
    return out.append('\n').toString();
  }

  String kind() {
    return field(0);
  }

  /// A field; empty when there are not that many.
  String field(int index) {
    return index < fields.size() ? fields.get(index) : "";
  }

  /// The number of the request that this answers; empty when it answers none.
  Optional<Integer> id() {
    try {
      return Optional.of(Integer.parseUnsignedInt(field(1)));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  boolean has(String field) {
    return fields.indexOf(field) > 1;
  }

  /// The value of `name=value`.
  Optional<String> value(String name) {
    return fields.stream()
        .filter(field -> field.startsWith(name + "="))
        .map(field -> field.substring(name.length() + 1))
        .findFirst();
  }

  private static String escaped(String field) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      int at = MEANT.indexOf(field.charAt(i));
      if (at < 0) {
        out.append(field.charAt(i));
      } else {
        out.append(ESCAPE).append(LETTERS.charAt(at));
      }
    }
    return out.toString();
  }

  private static String unescaped(String field) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      int at =
          field.charAt(i) == ESCAPE && i + 1 < field.length()
              ? LETTERS.indexOf(field.charAt(i + 1))
              : -1;
      if (at < 0) {
        out.append(field.charAt(i));
      } else {
        out.append(MEANT.charAt(at));
        i++;
      }
    }
    return out.toString();
  }
}
