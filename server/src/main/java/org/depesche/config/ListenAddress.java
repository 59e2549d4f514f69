package org.depesche.config;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where to listen: `127.0.0.1:2525`, `[::]:25`, `:25` for all addresses. Port 0 lets the system
/// choose.
public record ListenAddress(String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]]*)):(\\d{1,5})");

  static Optional<ListenAddress> parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches() || Integer.parseInt(form.group(3)) > 65_535) {
      return Optional.empty();
    }
    String host = form.group(1) != null ? form.group(1) : form.group(2);
    return Optional.of(new ListenAddress(host, Integer.parseInt(form.group(3))));
  }

  public InetSocketAddress socketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
