package org.depesche.smtp;

/// What may stand between the brackets of an address literal (RFC 5321 §4.1.3).
final class IpLiteral {

  private static final String IPV6_TAG = "IPv6:";
  private static final int GROUPS = 8;

  private IpLiteral() {}

  static boolean isLiteral(String s) {
    if (s.regionMatches(true, 0, IPV6_TAG, 0, IPV6_TAG.length())) {
      return isIpv6(s.substring(IPV6_TAG.length()));
    }
    return isIpv4(s) || isGeneral(s);
  }

  /// Snum 3("." Snum), each 0 to 255 in one to three digits.
  static boolean isIpv4(String s) {
    String[] parts = s.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty()
          || part.length() > 3
          || !part.chars().allMatch(c -> c >= '0' && c <= '9')
          || Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return true;
  }

  /// IPv6-full, IPv6-comp, IPv6v4-full, IPv6v4-comp. One `::` at most, for at least one group.
  static boolean isIpv6(String s) {
    int gap = s.indexOf("::");
    if (gap < 0) {
      return groups(s, true) == GROUPS;
    }
    if (s.indexOf("::", gap + 1) >= 0) {
      return false;
    }
    int left = gap == 0 ? 0 : groups(s.substring(0, gap), false);
    String rest = s.substring(gap + 2);
    int right = rest.isEmpty() ? 0 : groups(rest, true);
    return left >= 0 && right >= 0 && left + right < GROUPS;
  }

  /// How many groups of 16 bits the text has, an IPv4 address at the end being two; -1 when it is
  /// none.
  private static int groups(String s, boolean ipv4AtEnd) {
    String[] parts = s.split(":", -1);
    int count = 0;
    for (int i = 0; i < parts.length; i++) {
      if (ipv4AtEnd && i == parts.length - 1 && isIpv4(parts[i])) {
        count += 2;
      } else if (isHexGroup(parts[i])) {
        count++;
      } else {
        return -1;
      }
    }
    return count;
  }

  private static boolean isHexGroup(String s) {
    return !s.isEmpty()
        && s.length() <= 4
        && s.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
  }

  /// Standardized-tag ":" 1*dcontent; the tag is an Ldh-str.
  private static boolean isGeneral(String s) {
    int colon = s.indexOf(':');
    if (colon <= 0 || colon == s.length() - 1) {
      return false;
    }
    String tag = s.substring(0, colon);
    return tag.chars().allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || c == '-'))
        && !tag.endsWith("-")
        && s.substring(colon + 1).chars().allMatch(c -> c >= 33 && c <= 90 || c >= 94 && c <= 126);
  }
}
