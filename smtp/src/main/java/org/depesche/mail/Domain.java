package org.depesche.mail;

import java.util.Locale;

/// A domain name in lower case, as A-labels or, in internationalized mail, U-labels (RFC 5321
/// §4.1.2, RFC 6531 §3.3). Syntax is checked by the parser that makes it; this record only folds
/// case.
public record Domain(String name) implements Host {

  /// Longest domain in octets (RFC 5321 §4.5.3.1.2).
  public static final int MAX_OCTETS = 255;

  public Domain {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a domain is not empty");
    }
    name = name.toLowerCase(Locale.ROOT);
  }

  /// True when every character is ASCII, so that it may be used without SMTPUTF8.
  public boolean isAscii() {
    return Ascii.isAll(name);
  }

  @Override
  public String wire() {
    return name;
  }

  @Override
  public String toString() {
    return name;
  }
}
