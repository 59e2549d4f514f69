package org.depesche.directory.ldap;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/// A server that speaks LDAP.
///
/// @param isTls whether TLS is spoken from the first octet on (`ldaps`)
/// @param host name or address, without brackets
public record LdapServer(boolean isTls, String host, int port) {

  private static final int PORT = 389;
  private static final int TLS_PORT = 636;

  /// Reads `ldap://host:389` or `ldaps://host:636`; the port may be left out. Of the rest an LDAP
  /// URL may have (RFC 4516 §2), a slash is all that may follow: what is searched for is said
  /// elsewhere.
  public static Optional<LdapServer> parse(String text) {
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      String host = uri.getHost();
      boolean isTls = scheme.equals("ldaps");
      int port = uri.getPort() < 0 ? (isTls ? TLS_PORT : PORT) : uri.getPort();
      boolean plain =
          uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && (uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"));
      if (host == null || !plain || port < 1 || port > 65535 || !isTls && !scheme.equals("ldap")) {
        return Optional.empty();
      }
      return Optional.of(
          new LdapServer(
              isTls, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port));
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  /// The URL.
  @Override
  public String toString() {
    return (isTls ? "ldaps://" : "ldap://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }
}
