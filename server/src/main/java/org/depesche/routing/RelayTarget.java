package org.depesche.routing;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server that mail is handed to without asking the MX records: `smtp://host:port`,
/// `lmtp://host:port` or `lmtp+unix:///path`. IPv6 addresses stand in brackets.
public sealed interface RelayTarget {

  /// A server reached by TCP.
  ///
  /// @param lmtp whether it speaks LMTP (RFC 2033) and not SMTP
  /// @param host its name or address, without brackets
  record Tcp(boolean lmtp, String host, int port) implements RelayTarget {

    @Override
    public String toString() {
      String name = host.contains(":") ? "[" + host + "]" : host;
      return (lmtp ? "lmtp://" : "smtp://") + name + ":" + port;
    }
  }

  /// A server that speaks LMTP on a socket of this machine.
  record UnixSocket(Path path) implements RelayTarget {

    @Override
    public String toString() {
      return "lmtp+unix://" + path;
    }
  }

  /// Where SMTP listens when no port is named.
  int SMTP_PORT = 25;

  /// The port of LMTP by common use; RFC 2033 §5 forbids only 25.
  int LMTP_PORT = 24;

  /// The form of a socket.
  Pattern UNIX = Pattern.compile("(?i)lmtp\\+unix://(/[^\\x00-\\x1f\\x7f]+)");

  /// The form of a server reached by TCP.
  Pattern TCP =
      Pattern.compile(
          "(?i)(smtp|lmtp)://(?:\\[([0-9a-f:.]{2,45})]|([a-z0-9_.-]{1,255}))(?::(\\d{1,5}))?/?");

  /// Reads one of the forms above. Empty when it is none.
  static Optional<RelayTarget> parse(String text) {
    Matcher unix = UNIX.matcher(text);
    if (unix.matches()) {
      try {
        return Optional.of(new UnixSocket(Path.of(unix.group(1))));
      } catch (InvalidPathException e) {
        return Optional.empty();
      }
    }
    Matcher tcp = TCP.matcher(text);
    if (!tcp.matches()) {
      return Optional.empty();
    }
    boolean lmtp = tcp.group(1).equalsIgnoreCase("lmtp");
    String host = tcp.group(2) == null ? tcp.group(3) : tcp.group(2);
    int port = tcp.group(4) == null ? lmtp ? LMTP_PORT : SMTP_PORT : Integer.parseInt(tcp.group(4));
    return port < 1 || port > 65_535
        ? Optional.empty()
        : Optional.of(new Tcp(lmtp, host.toLowerCase(Locale.ROOT), port));
  }
}
