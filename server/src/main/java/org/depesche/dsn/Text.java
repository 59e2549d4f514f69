package org.depesche.dsn;

import java.util.ArrayList;
import java.util.List;

/// Makes what others have written fit for a line of ours.
final class Text {

  private static final int WIDTH = 76;

  private Text() {}

  /// One line: what could end a header field, move a cursor or turn text around becomes a space.
  ///
  /// @param most characters; what is longer is cut
  static String line(String text, int most) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), most));
    text.codePoints()
        .limit(most)
        .forEach(
            c -> {
              boolean visible =
                  switch (Character.getType(c)) {
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
              out.appendCodePoint(visible ? c : ' ');
            });
    return out.toString().strip();
  }

  /// The same with a question mark for all that is not ASCII.
  static String ascii(String text, int most) {
    return line(text, most).replaceAll("[^\\x20-\\x7e]", "?");
  }

  /// Breaks text into lines at spaces; a word longer than a line is broken where the line ends.
  static List<String> wrapped(String text, String indent) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(indent);
    for (String word : text.split(" +")) {
      String rest = word;
      if (line.length() > indent.length() && line.length() + 1 + rest.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(indent);
      }
      while (rest.length() > WIDTH - indent.length()) {
        int cut = WIDTH - indent.length();
        cut -= Character.isHighSurrogate(rest.charAt(cut - 1)) ? 1 : 0;
        lines.add(indent + rest.substring(0, cut));
        rest = rest.substring(cut);
      }
      line.append(line.length() > indent.length() ? " " : "").append(rest);
    }
    lines.add(line.toString());
    return lines;
  }
}
