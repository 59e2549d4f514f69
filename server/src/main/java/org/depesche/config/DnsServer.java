package org.depesche.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A DNS server by its address: `127.0.0.1`, `127.0.0.1:5353`, `[::1]:53`.
public record DnsServer(InetSocketAddress address) {

  private static final int PORT = 53; // RFC 1035 §4.2
  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|(\\d{1,3}(?:\\.\\d{1,3}){3}))(?::(\\d{1,5}))?");

  /// Reads an address. Empty when it is none; names are none, for who would look them up?
  static Optional<DnsServer> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    int port = form.group(3) == null ? PORT : Integer.parseInt(form.group(3));
    if (port < 1 || port > 65_535) {
      return Optional.empty();
    }
    try {
      String host = form.group(1) == null ? form.group(2) : form.group(1);
      return Optional.of(new DnsServer(new InetSocketAddress(InetAddress.getByName(host), port)));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
