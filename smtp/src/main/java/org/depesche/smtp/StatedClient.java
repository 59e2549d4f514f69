package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Whom a host speaks for, as it says by Postfix's XCLIENT. What it leaves out stays as it was;
/// what it says to be unknown is unknown from then on: no port (0), no name and no login (empty),
/// and for an address the one of nobody (0.0.0.0), which no network that is trusted should have.
///
/// @param address the client's address
/// @param port the client's port
/// @param helo the client's own name for itself
/// @param login as whom the client has logged in there
/// @param toAddress where the client has connected to
/// @param toPort its port
public record StatedClient(
    Optional<InetAddress> address,
    Optional<Integer> port,
    Optional<String> helo,
    Optional<String> login,
    Optional<InetAddress> toAddress,
    Optional<Integer> toPort) {

  /// The attributes that can be stated, as EHLO announces them.
  public enum Attribute {
    /// What the client's address is called in DNS. Its form is checked, and it is used for nothing.
    NAME,
    ADDR,
    PORT,
    /// SMTP or ESMTP; the client's next EHLO or HELO tells it anyway.
    PROTO,
    HELO,
    LOGIN,
    DESTADDR,
    DESTPORT
  }

  private static final StatedClient NOTHING =
      new StatedClient(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  private static final List<String> UNKNOWN = List.of("[UNAVAILABLE]", "[TEMPUNAVAIL]");
  private static final String IPV6 = "IPV6:";

  /// Nobody's address (RFC 1122 §3.2.1.3).
  private static final InetAddress NOBODY = InetAddress.ofLiteral("0.0.0.0");

  /// Visible, in any script, and no longer than a domain.
  private static final Pattern TEXT = Pattern.compile("[^\\p{Cntrl}\\p{Z}\\uFFFD]{1,255}");

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");
  private static final int MAX_PORT = 65_535;

  /// Reads what stands behind XCLIENT: attributes with their values in xtext. Empty when a name is
  /// not known, stands there twice, or when a value makes no sense.
  public static Optional<StatedClient> parse(String attributes) {
    StatedClient stated = NOTHING;
    List<Attribute> seen = new ArrayList<>();
    for (String each : attributes.strip().split(" +", -1)) {
      int equals = each.indexOf('=');
      Optional<Attribute> name = equals < 0 ? Optional.empty() : attribute(each, equals);
      Optional<String> value = equals < 0 ? Optional.empty() : value(each.substring(equals + 1));
      if (name.isEmpty() || value.isEmpty() || seen.contains(name.get())) {
        return Optional.empty();
      }
      seen.add(name.get());
      Optional<StatedClient> more = stated.with(name.get(), value.get());
      if (more.isEmpty()) {
        return Optional.empty();
      }
      stated = more.get();
    }
    return Optional.of(stated);
  }

  private static Optional<Attribute> attribute(String text, int equals) {
    String name = text.substring(0, equals).toUpperCase(Locale.ROOT);
    for (Attribute attribute : Attribute.values()) {
      if (attribute.name().equals(name)) {
        return Optional.of(attribute);
      }
    }
    return Optional.empty();
  }

  /// A value, empty for what is not known.
  private static Optional<String> value(String xtext) {
    return Xtext.decode(xtext)
        .map(octets -> new String(octets.getBytes(ISO_8859_1), UTF_8))
        .map(text -> UNKNOWN.contains(text.toUpperCase(Locale.ROOT)) ? "" : text)
        .filter(text -> text.isEmpty() ? !xtext.isEmpty() : TEXT.matcher(text).matches());
  }

  private Optional<StatedClient> with(Attribute attribute, String value) {
    return switch (attribute) {
      case NAME -> Optional.of(this);
      case PROTO ->
          Optional.of(this).filter(_ -> value.isEmpty() || value.matches("(?i)E?SMTP|LMTP"));
      case ADDR ->
          address(value)
              .map(a -> new StatedClient(Optional.of(a), port, helo, login, toAddress, toPort));
      case PORT ->
          port(value)
              .map(p -> new StatedClient(address, Optional.of(p), helo, login, toAddress, toPort));
      case HELO ->
          Optional.of(
              new StatedClient(address, port, Optional.of(value), login, toAddress, toPort));
      case LOGIN ->
          Optional.of(new StatedClient(address, port, helo, Optional.of(value), toAddress, toPort));
      case DESTADDR ->
          address(value)
              .map(a -> new StatedClient(address, port, helo, login, Optional.of(a), toPort));
      case DESTPORT ->
          port(value)
              .map(p -> new StatedClient(address, port, helo, login, toAddress, Optional.of(p)));
    };
  }

  private static Optional<InetAddress> address(String text) {
    if (text.isEmpty()) {
      return Optional.of(NOBODY);
    }
    boolean six = text.toUpperCase(Locale.ROOT).startsWith(IPV6);
    String literal = six ? text.substring(IPV6.length()) : text;
    // A zone (fe80::1%eth0) is a matter of the host that says so.
    boolean plausible =
        six ? literal.contains(":") && !literal.contains("%") : IPV4.matcher(literal).matches();
    try {
      return plausible ? Optional.of(InetAddress.ofLiteral(literal)) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> port(String text) {
    if (text.isEmpty()) {
      return Optional.of(0);
    }
    return NUMBER.matcher(text).matches()
        ? Optional.of(Integer.valueOf(text)).filter(port -> port <= MAX_PORT)
        : Optional.empty();
  }
}
