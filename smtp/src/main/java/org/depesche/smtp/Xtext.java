package org.depesche.smtp;

/// The xtext encoding of RFC 3461 §4: printable ASCII, `+` and `=` and all else as `+` and two
/// upper-case hex digits.
public final class Xtext {

  private Xtext() {}

  /// True when the text is well formed and stands for printable ASCII only.
  public static boolean isPrintable(String s) {
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '+') {
        if (i + 2 >= s.length() || !isHex(s.charAt(i + 1)) || !isHex(s.charAt(i + 2))) {
          return false;
        }
        int value = Integer.parseInt(s, i + 1, i + 3, 16);
        if (value < 32 || value > 126) {
          return false;
        }
        i += 2;
      } else if (c < 33 || c > 126 || c == '=') {
        return false;
      }
    }
    return true;
  }

  /// The hexadecimal digits of xtext are upper case (RFC 3461 §4).
  private static boolean isHex(char c) {
    return c >= '0' && c <= '9' || c >= 'A' && c <= 'F';
  }
}
