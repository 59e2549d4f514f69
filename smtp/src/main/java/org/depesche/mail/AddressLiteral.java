package org.depesche.mail;

import java.util.Locale;

/// An address literal such as `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3). The content
/// is what stands between the brackets, tag included; the parser has checked it.
public record AddressLiteral(String content) implements Host {

  public AddressLiteral {
    content = content.toLowerCase(Locale.ROOT).replaceFirst("^ipv6:", "IPv6:");
  }

  @Override
  public String wire() {
    return "[" + content + "]";
  }

  @Override
  public String toString() {
    return wire();
  }
}
