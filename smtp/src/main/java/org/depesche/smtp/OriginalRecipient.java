package org.depesche.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The value of ORCPT: `addr-type ";" address` (RFC 3461 §4.2, RFC 6533 §3).
final class OriginalRecipient {

  /// Longest value in octets: "the entire ORCPT parameter MAY be up to 500 characters in length".
  private static final int MAX_OCTETS = 500;

  private OriginalRecipient() {}

  /// @param utf8 whether the transaction allows more than ASCII
  static boolean isValid(String value, boolean utf8) {
    int semicolon = value.indexOf(';');
    byte[] octets = value.getBytes(StandardCharsets.UTF_8);
    boolean ascii = octets.length == value.length();
    if (semicolon <= 0 || octets.length > MAX_OCTETS || !ascii && !utf8) {
      return false;
    }
    String type = value.substring(0, semicolon);
    String address = value.substring(semicolon + 1);
    if (address.isEmpty() || !isAtom(type)) {
      return false;
    }
    return type.toLowerCase(Locale.ROOT).equals("utf-8")
        ? isUnitext(address) || AddressParser.parseMailbox(address, utf8).isPresent()
        : Xtext.isPrintable(address);
  }

  private static boolean isAtom(String type) {
    byte[] bytes = type.getBytes(StandardCharsets.UTF_8);
    Cursor cursor = new Cursor(bytes, 0, bytes.length);
    return bytes.length == type.length() && new AddressParser(cursor).atom() && cursor.atEnd();
  }

  // utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar), utf-8-addr-xtext being its ASCII part
  private static boolean isUnitext(String address) {
    int i = 0;
    while (i < address.length()) {
      char c = address.charAt(i);
      if (c == '\\') {
        int end = address.indexOf('}', i);
        if (end < 0
            || !address.startsWith("\\x{", i)
            || !isHexpoint(address.substring(i + 3, end))) {
          return false;
        }
        i = end + 1;
      } else if (c == '+' || c == '=' || c <= ' ' || c == 0x7f) {
        return false;
      } else {
        i++;
      }
    }
    return i > 0;
  }

  // HEXPOINT (RFC 6533 §3): the ASCII characters that may not stand for themselves, by name, and
  // all
  // code points beyond ASCII, without leading zeros and surrogates.
  private static boolean isHexpoint(String hex) {
    if (!hex.chars().allMatch(Cursor::isHexDigit)) {
      return false;
    }
    return switch (hex.length()) {
      case 2 -> isTwoDigitHexpoint(hex.toUpperCase(Locale.ROOT));
      case 3, 4, 5, 6 -> {
        int point = Integer.parseInt(hex, 16);
        yield hex.charAt(0) != '0'
            && point <= Character.MAX_CODE_POINT
            && !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
      }
      default -> false;
    };
  }

  private static boolean isTwoDigitHexpoint(String hex) {
    char high = hex.charAt(0);
    char low = hex.charAt(1);
    return switch (hex) {
      case "10", "20", "2B", "3D", "7F", "5C" -> true;
      default -> high >= '8' || high <= '1' && low >= '1' && low <= '9';
    };
  }
}
