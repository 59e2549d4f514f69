package org.depesche.mail;

/// A mailbox `local-part@host` (RFC 5321 §4.1.2). The local part is its meaning, not its spelling:
/// quotes and backslashes of a quoted string are gone, so `"a"@x` and `a@x` are equal. It is
/// case-sensitive (RFC 5321 §2.4); whether a domain treats it otherwise is for the directory to
/// say.
public record Mailbox(String localPart, Host host) implements ReversePath {

  /// Longest local part in octets (RFC 5321 §4.5.3.1.1).
  public static final int MAX_LOCAL_OCTETS = 64;

  public Mailbox(String localPart, String domain) {
    this(localPart, new Domain(domain));
  }

  @Override
  public String wire() {
    return localPartWire() + "@" + host.wire();
  }

  /// The local part as a dot-string where that is possible, else as a quoted string (RFC 5321
  /// §4.1.2).
  public String localPartWire() {
    return isDotString(localPart) ? localPart : quote(localPart);
  }

  /// True when local part and host are ASCII, so that it may be used without SMTPUTF8 (RFC 6531
  /// §3.3).
  public boolean isAscii() {
    return Ascii.isAll(localPart) && Ascii.isAll(host.wire());
  }

  @Override
  public String toString() {
    return wire();
  }

  private static boolean isDotString(String s) {
    boolean atomOpen = false;
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '.') {
        if (!atomOpen) {
          return false;
        }
        atomOpen = false;
      } else if (isAtext(c)) {
        atomOpen = true;
      } else {
        return false;
      }
    }
    return atomOpen;
  }

  /// RFC 5322 §3.2.3 atext, widened by RFC 6531 §3.3 to all of UTF-8 beyond ASCII.
  static boolean isAtext(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0
        || c >= 0xA0;
  }

  private static String quote(String s) {
    StringBuilder out = new StringBuilder(s.length() + 2).append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c);
    }
    return out.append('"').toString();
  }
}
