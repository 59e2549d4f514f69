package org.depesche.cli;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The encodings that carry any text and any bytes through mail: encoded words, quoted-printable,
/// base64, and header fields that fold.
final class SendEncoding {

  private static final int LINE = 76;

  /// RFC 2047 §2: 75 characters for an encoded word, 12 of them around the text.
  private static final int WORD_BYTES = (75 - 12) / 4 * 3;

  private static final String HEX = "0123456789ABCDEF";

  private SendEncoding() {}

  /// A header field of unstructured text, folded; encoded words where it is more than ASCII (RFC
  /// 5322 §2.2.3, RFC 2047).
  static String field(String name, String value) {
    String spaced = value.replace('\t', ' ');
    boolean plain = spaced.chars().allMatch(c -> c < 0x7f) && !spaced.contains("=?");
    return folded(name, plain ? spaced : words(spaced));
  }

  /// A header field of several parts, folded between them where it gets long.
  static String folded(String name, String value) {
    StringBuilder out = new StringBuilder(name).append(':');
    int column = out.length();
    for (String part : value.split(" ", -1)) {
      // An empty part is a space that belongs to the text: a line of nothing but spaces is none.
      if (column + 1 + part.length() > LINE + 2 && !part.isEmpty() && column > name.length() + 1) {
        out.append("\r\n");
        column = 0;
      }
      out.append(' ').append(part);
      column += 1 + part.length();
    }
    return out.append("\r\n").toString();
  }

  /// Text as encoded words of UTF-8; none splits a character (RFC 2047 §5).
  private static String words(String text) {
    StringBuilder out = new StringBuilder();
    StringBuilder word = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      String character = Character.toString(text.codePointAt(i));
      int length = character.getBytes(StandardCharsets.UTF_8).length;
      if (bytes + length > WORD_BYTES) {
        out.append(word(word)).append(' ');
        word.setLength(0);
        bytes = 0;
      }
      word.append(character);
      bytes += length;
      i += character.length();
    }
    return out.append(word(word)).toString();
  }

  private static String word(CharSequence text) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(bytes) + "?=";
  }

  /// Base64 in lines (RFC 2045 §6.8).
  static String base64(byte[] bytes) {
    return Base64.getMimeEncoder().encodeToString(bytes) + "\r\n";
  }

  /// Text whose lines end in CRLF as quoted-printable (RFC 2045 §6.7).
  static String quotedPrintable(String text) {
    StringBuilder out = new StringBuilder(text.length() + text.length() / 4);
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf("\r\n", from);
      quotedLine(text.substring(from, end < 0 ? text.length() : end), out);
      out.append("\r\n");
      from = end < 0 ? text.length() : end + 2;
    }
    return out.toString();
  }

  private static void quotedLine(String line, StringBuilder out) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    int column = 0;
    for (int i = 0; i < bytes.length; i++) {
      int b = bytes[i] & 0xff;
      boolean last = i == bytes.length - 1;
      boolean space = b == ' ' || b == '\t';
      // Rule 3: white space at the end of a line would be lost.
      boolean plain = space ? !last : b > ' ' && b < 0x7f && b != '=';
      int width = plain ? 1 : 3;
      if (column + width > (last ? LINE : LINE - 1)) {
        out.append("=\r\n");
        column = 0;
      }
      if (plain) {
        out.append((char) b);
      } else {
        out.append('=').append(HEX.charAt(b >> 4)).append(HEX.charAt(b & 15));
      }
      column += width;
    }
  }

  /// A parameter of a MIME field; in the extended form of RFC 2231 §4 where it is more than plain
  /// ASCII.
  static String parameter(String name, String value) {
    if (value.chars().allMatch(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\')) {
      return name + "=\"" + value + '"';
    }
    StringBuilder out = new StringBuilder(name).append("*=UTF-8''");
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      int c = b & 0xff;
      if (c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || c == '.'
          || c == '-') {
        out.append((char) c);
      } else {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
    return out.toString();
  }
}
