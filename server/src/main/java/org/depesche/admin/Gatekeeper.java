package org.depesche.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Locale;

/// Decides whether a request may come in.
final class Gatekeeper {

  private static final String SCHEME = "bearer ";

  private final byte[] token;
  private final String name;

  /// @param name the one name that may be asked for besides `localhost` and addresses
  Gatekeeper(String token, String name) {
    this.token = token.getBytes(UTF_8);
    this.name = name.toLowerCase(Locale.ROOT);
  }

  /// True when the header carries the token; takes as long for a nearly right one as for any other.
  boolean admits(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return false;
    }
    byte[] given = authorization.substring(SCHEME.length()).trim().getBytes(UTF_8);
    return MessageDigest.isEqual(token, given);
  }

  /// True for a `Host` that a browser cannot have been lured to by DNS rebinding, which needs a
  /// name somebody else controls: `localhost`, an address, our own name.
  boolean isOurs(String hostHeader) {
    String host = withoutPort(hostHeader).toLowerCase(Locale.ROOT);
    return host.equals("localhost")
        || host.equals(name) && !name.isEmpty()
        || host.matches("\\d{1,3}(\\.\\d{1,3}){3}")
        || host.matches("\\[[0-9a-f:.]+]");
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    boolean insideBrackets = host.indexOf(']', Math.max(0, colon)) >= 0;
    return colon < 0 || insideBrackets ? host : host.substring(0, colon);
  }
}
