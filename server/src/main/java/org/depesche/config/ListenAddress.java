package org.depesche.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.smtp.AddressParser;

/// Where to listen: `127.0.0.1:2525`, `[::]:25`, `:25` for all addresses. Port 0 lets the system
/// choose. `unix:/run/depesche/lmtp` is a socket of this machine, and has neither host nor port.
public record ListenAddress(String host, int port, Optional<Path> socket) {

  private static final int MAX_PORT = 65_535;

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([^:\\[\\]]*)):(\\d{1,5})");

  /// What looks like an IPv4 address has to be one; it is no name.
  private static final Pattern NUMERIC = Pattern.compile("[0-9.]+");

  private static final String UNIX = "unix:";

  /// What the kernel takes for a path, less what is added to it while the socket is made.
  private static final int MAX_PATH_OCTETS = 100;

  public ListenAddress(String host, int port) {
    this(host, port, Optional.empty());
  }

  static Optional<ListenAddress> parse(String text) {
    if (text.strip().startsWith(UNIX)) {
      return socket(text.strip().substring(UNIX.length()));
    }
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

  private static Optional<ListenAddress> socket(String path) {
    boolean good =
        path.startsWith("/")
            && !path.endsWith("/")
            && path.chars().noneMatch(c -> c < ' ' || c == 0x7f)
            && path.getBytes(StandardCharsets.UTF_8).length <= MAX_PATH_OCTETS;
    try {
      // `/.` leads to the root, which is no place for a socket.
      return Optional.of(path)
          .filter(_ -> good)
          .map(p -> Path.of(p).normalize())
          .filter(p -> p.getFileName() != null)
          .map(p -> new ListenAddress("", 0, Optional.of(p)));
    } catch (InvalidPathException _) {
      return Optional.empty();
    }
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

  /// The address to bind.
  ///
  /// @throws IllegalStateException for a socket of this machine
  public InetSocketAddress socketAddress() {
    if (socket.isPresent()) {
      throw new IllegalStateException(this + " is no address of TCP");
    }
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return socket.isPresent()
        ? UNIX + socket.get()
        : (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
