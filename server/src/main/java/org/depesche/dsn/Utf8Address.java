package org.depesche.dsn;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.smtp.AddressParser;

/// An address of the type utf-8, which has a form with its characters as they are and one in ASCII,
/// where `\x{F6}` stands for a character (RFC 6533 §3).
final class Utf8Address {

  private static final Pattern EMBEDDED = Pattern.compile("\\\\x\\{([0-9A-Fa-f]{2,6})}");

  private Utf8Address() {}

  /// `utf-8-address`, the form for where UTF-8 goes. What is no address behind its encoding stays
  /// as it is, and so does one with characters that a line of ours cannot show.
  ///
  /// @param address in any of its forms
  static String unicode(String address) {
    String decoded = decoded(address);
    return AddressParser.parseMailbox(decoded, true).isPresent()
            && Text.line(decoded, decoded.length()).equals(decoded)
        ? decoded
        : address;
  }

  /// `utf-8-addr-xtext`, the form for where only ASCII goes.
  ///
  /// @param address in any of its forms
  static String ascii(String address) {
    return encoded(decoded(address));
  }

  /// `utf-8-addr-xtext`
  ///
  /// @param address without an encoding
  static String encoded(String address) {
    StringBuilder ascii = new StringBuilder(address.length() + 16);
    address
        .codePoints()
        .forEach(
            c -> {
              // QCHAR
              if (c > ' ' && c < 0x7f && c != '\\' && c != '+' && c != '=') {
                ascii.append((char) c);
              } else {
                ascii.append(String.format(Locale.ROOT, "\\x{%02X}", c));
              }
            });
    return ascii.toString();
  }

  private static String decoded(String address) {
    return EMBEDDED
        .matcher(address)
        .replaceAll(
            embedded -> {
              int point = Integer.parseInt(embedded.group(1), 16);
              boolean character =
                  Character.isValidCodePoint(point)
                      && !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
              return Matcher.quoteReplacement(
                  character ? Character.toString(point) : embedded.group());
            });
  }
}
