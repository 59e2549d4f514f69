package org.depesche.directory.dovecot;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Where Dovecot listens.
public sealed interface DovecotAddress {

  /// A socket of this machine.
  record Unix(Path path) implements DovecotAddress {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /// A port, without encryption.
  ///
  /// @param host name or address, without brackets
  record Tcp(String host, int port) implements DovecotAddress {
    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /// Reads the absolute path of a socket, or `host:port`.
  static Optional<DovecotAddress> parse(String text) {
    try {
      if (text.startsWith("/")) {
        return Optional.of(new Unix(Path.of(text)));
      }
      int colon = text.lastIndexOf(':');
      String host = colon < 1 ? "" : text.substring(0, colon);
      boolean bracketed = host.startsWith("[") && host.endsWith("]");
      String name = bracketed ? host.substring(1, host.length() - 1) : host;
      int port = colon < 0 ? 0 : Integer.parseInt(text.substring(colon + 1));
      boolean isHost = bracketed ? name.matches("[0-9A-Fa-f:.]+") : name.matches("[A-Za-z0-9._-]+");
      return isHost && port > 0 && port < 65536
          ? Optional.of(new Tcp(name, port))
          : Optional.empty();
    } catch (NumberFormatException | InvalidPathException _) {
      return Optional.empty();
    }
  }

  /// The address itself, looked up if it is a name.
  default SocketAddress resolved() {
    return switch (this) {
      case Unix(Path path) -> UnixDomainSocketAddress.of(path);
      case Tcp(String host, int port) -> new InetSocketAddress(host, port);
    };
  }
}
