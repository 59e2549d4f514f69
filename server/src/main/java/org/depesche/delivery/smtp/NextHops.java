package org.depesche.delivery.smtp;

import java.util.List;

/// What the DNS says about where mail for a destination goes (RFC 5321 §5.1).
public sealed interface NextHops {

  /// These hosts, in the order they are to be tried; not empty.
  record Hosts(List<NextHop> hosts) implements NextHops {
    public Hosts {
      hosts = List.copyOf(hosts);
    }
  }

  /// The domain says that it takes no mail (RFC 7505 §3).
  record NullMx() implements NextHops {}

  /// There is no such domain.
  record NoSuchDomain() implements NextHops {}

  /// The domain is there, and no host for its mail.
  record NoHost(String reason) implements NextHops {}

  /// It could not be found out now.
  record Undecided(String reason) implements NextHops {}

  /// The best host is this server, which does not know the domain (RFC 5321 §5.1).
  record OurselvesOnly(String reason) implements NextHops {}
}
