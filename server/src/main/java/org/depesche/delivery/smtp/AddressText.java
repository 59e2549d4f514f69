package org.depesche.delivery.smtp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.depesche.mail.AddressLiteral;

/// Reads addresses that are written out. Nothing is looked up.
final class AddressText {

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  /// Without a zone: an address of another host is never bound to an interface of ours.
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

  private static final String TAG = "ipv6:";

  private AddressText() {}

  /// Empty for what is no address, a name say.
  static Optional<InetAddress> parse(String text) {
    try {
      if (IPV4.matcher(text).matches()) {
        return Optional.of(Inet4Address.ofLiteral(text));
      }
      if (IPV6.matcher(text).matches()) {
        return Optional.of(Inet6Address.ofLiteral(text));
      }
      return Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// RFC 5321 §4.1.3: IPv6 stands behind its tag; what stands behind another is for others.
  static Optional<InetAddress> of(AddressLiteral literal) {
    String content = literal.content();
    if (content.toLowerCase(Locale.ROOT).startsWith(TAG)) {
      return parse(content.substring(TAG.length()));
    }
    return content.contains(":") ? Optional.empty() : parse(content);
  }
}
