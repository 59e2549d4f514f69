package org.depesche.smtp;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// A place in a line of bytes, moved forward by grammar rules.
final class Cursor {

  /// What `peek` answers behind the last byte.
  static final int END = -1;

  private final byte[] bytes;
  private final int end;
  private int at;

  Cursor(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  boolean atEnd() {
    return at == end;
  }

  /// The byte here, 0 to 255, or END.
  int peek() {
    return at < end ? bytes[at] & 0xff : END;
  }

  void advance() {
    at++;
  }

  int position() {
    return at;
  }

  void backTo(int position) {
    at = position;
  }

  boolean eat(char c) {
    if (at < end && bytes[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  /// Steps over a word if it stands here, in any case.
  ///
  /// @param word in upper case
  boolean eatWord(String word) {
    if (!startsWith(word)) {
      return false;
    }
    at += word.length();
    return true;
  }

  private boolean startsWith(String word) {
    if (end - at < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (upper(bytes[at + i]) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  void skipSpaces() {
    while (eat(' ')) {
      // eat has moved on
    }
  }

  /// What stands between a position and here.
  String textFrom(int position) {
    return new String(bytes, position, at - position, StandardCharsets.UTF_8);
  }

  byte byteAt(int position) {
    return bytes[position];
  }

  /// What stands between here and the end; the cursor stays.
  String rest() {
    return new String(bytes, at, end - at, StandardCharsets.UTF_8);
  }

  private static int upper(byte b) {
    return b >= 'a' && b <= 'z' ? b - 32 : b;
  }

  static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  static boolean isHexDigit(int c) {
    return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  /// True when the bytes are UTF-8 without overlong forms, surrogates or C1 control characters. The
  /// latter are in the grammar of RFC 6532 §3.1, but steer terminals that show a log.
  static boolean isUtf8Text(byte[] bytes, int from, int to) {
    try {
      CharBuffer text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
      return text.chars().noneMatch(c -> c >= 0x80 && c < 0xA0);
    } catch (CharacterCodingException _) {
      return false;
    }
  }
}
