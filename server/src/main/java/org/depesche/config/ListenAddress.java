package org.depesche.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.smtp.AddressParser;

/// Where to listen: `127.0.0.1:2525`, `[::]:25`, `:25` for all addresses. Port 0 lets the system
/// choose.
public record ListenAddress(String host, int port) {

  private static final int MAX_PORT = 65_535;

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]]*)):(\\d{1,5})");

  /// What looks like an IPv4 address has to be one; it is no name.
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");

  static Optional<ListenAddress> parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches() || Integer.parseInt(form.group(3)) > MAX_PORT) {
      return Optional.empty();
    }
    boolean bracketed = form.group(1) != null;
    String host = bracketed ? form.group(1) : form.group(2);
    boolean good = bracketed ? isAddress(host, true) : isHost(host);
    return good
        ? Optional.of(new ListenAddress(host, Integer.parseInt(form.group(3))))
        : Optional.empty();
  }

  private static boolean isHost(String host) {
    if (host.isEmpty()) {
      return true;
    }
    return NUMERIC.matcher(host).matches()
        ? isAddress(host, false)
        : AddressParser.parseDomain(host, false).isPresent();
  }

  private static boolean isAddress(String literal, boolean v6) {
    try {
      InetAddress address = InetAddress.ofLiteral(literal);
      return v6 ? literal.contains(":") : address.getHostAddress().equals(literal);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  public InetSocketAddress socketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
