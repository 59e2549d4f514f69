package org.depesche.smtp;

import java.util.Optional;

/// The encoding of RFC 3461 §4 for printable text in a parameter's value: `+` and two upper-case
/// hexadecimal digits stand for what may not stand for itself.
public final class Xtext {

  private static final String HEX = "0123456789ABCDEF";

  private Xtext() {}

  /// Reads xtext; empty when it is none.
  public static Optional<String> decode(String xtext) {
    StringBuilder text = new StringBuilder(xtext.length());
    for (int i = 0; i < xtext.length(); i++) {
      char c = xtext.charAt(i);
      if (c == '+') {
        // hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
        int high = i + 2 < xtext.length() ? HEX.indexOf(xtext.charAt(i + 1)) : -1;
        int low = i + 2 < xtext.length() ? HEX.indexOf(xtext.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        text.append((char) (high << 4 | low));
        i += 2;
      } else if (c >= '!' && c <= '~' && c != '=') {
        text.append(c);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(text.toString());
  }

  /// Writes US-ASCII text as xtext.
  ///
  /// @throws IllegalArgumentException when it is more than US-ASCII
  public static String encode(String text) {
    StringBuilder xtext = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f) {
        throw new IllegalArgumentException("xtext is for US-ASCII");
      }
      if (c >= '!' && c <= '~' && c != '+' && c != '=') {
        xtext.append(c);
      } else {
        xtext.append('+').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return xtext.toString();
  }

  /// True when this is xtext for graphic and white space characters of US-ASCII, which is all that
  /// ENVID and ORCPT may hold (RFC 3461 §4.2, §4.4).
  static boolean isPrintable(String xtext) {
    return decode(xtext)
        .filter(text -> text.chars().allMatch(c -> c >= ' ' && c <= '~' || c == '\t'))
        .isPresent();
  }
}
