package org.depesche.mail;

/// Whether text is ASCII, as most addresses are.
public final class Ascii {

  private Ascii() {}

  /// True for text of nothing but ASCII. Asked several times for each message, so it is a loop.
  public static boolean isAll(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }
}
