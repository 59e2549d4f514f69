package org.depesche.routing;

import java.util.Locale;
import java.util.Optional;
import org.depesche.directory.DomainNames;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// What an operator calls a destination, in the one form that is compared: a domain as A-labels, an
/// address literal, a mailbox of ours, a next hop, or `*` for all other servers.
public record Destination(String name) {

  /// All other servers.
  public static final Destination ELSEWHERE = new Destination("*");

  /// Reads a name as people write it and as the queue shows it; empty when it is none of these.
  public static Optional<Destination> parse(String text) {
    String name = text.replaceFirst("^(mx|local) ", "");
    if (name.equals(ELSEWHERE.name)) {
      return Optional.of(ELSEWHERE);
    }
    Optional<RelayTarget> hop = RelayTarget.parse(name);
    if (hop.isPresent()) {
      return Optional.of(new Destination(hop.get().toString()));
    }
    return name.contains("@")
        ? AddressParser.parseMailbox(name, true).map(Destination::of)
        : AddressParser.parseMailbox("x@" + name.replaceFirst("\\.$", ""), true)
            .map(mailbox -> of(mailbox.host()));
  }

  /// A domain or an address literal.
  public static Destination of(Host host) {
    return new Destination(host instanceof Domain domain ? DomainNames.ascii(domain) : host.wire());
  }

  private static Destination of(Mailbox mailbox) {
    String local = new Mailbox(mailbox.localPart().toLowerCase(Locale.ROOT), "x").wire();
    return new Destination(local.substring(0, local.length() - 1) + of(mailbox.host()).name);
  }

  /// Whether mail over a route goes there.
  public boolean isOf(Route route) {
    return switch (route) {
      case Route.Local(var account) -> equals(of(account)) || equals(of(account.host()));
      case Route.Mx(var host) -> equals(ELSEWHERE) || equals(of(host));
      case Route.Relay(var hop) -> equals(ELSEWHERE) || name.equals(hop.toString());
      case Route.Nowhere _, Route.Done _ -> false;
    };
  }

  @Override
  public String toString() {
    return name;
  }
}
