package org.depesche.smtp;

/// Numbers of a command line.
final class Decimal {

  private Decimal() {}

  /// The value of a string of digits; Long.MAX_VALUE when that is too small for it.
  static long saturated(String digits) {
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
