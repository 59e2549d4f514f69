package org.depesche.cli;

import java.net.InetSocketAddress;

/// A server as a person names it.
final class ServerAddress {

  private static final int MAX_PORT = 0xffff;

  private ServerAddress() {}

  /// Reads `host:port` or `[address]:port`, and looks the host up.
  ///
  /// @throws IllegalArgumentException when it is neither
  static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(0, colon)).replaceFirst("^\\[(.*)]$", "$1");
    String port = text.substring(colon + 1);
    if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT) {
      throw new IllegalArgumentException("not host:port: " + text);
    }
    return new InetSocketAddress(host, Integer.parseInt(port));
  }
}
