package org.depesche.dns;

import java.net.InetAddress;

/// Asks the DNS. Names are A-labels, with or without a dot at the end; aliases are followed. Calls
/// block for a bounded time; trouble is an answer, never an exception. Safe for use by many
/// threads.
public interface Resolver {

  /// Who takes the mail of a domain.
  Answer<Mx> mx(String name);

  /// The addresses of a host of one family.
  Answer<InetAddress> addresses(String name, Family family);

  /// The texts at a name, the strings of each record put together (RFC 7208 §3.3). A character is
  /// an octet.
  Answer<String> txt(String name);

  /// The names of an address, in lower case without a dot at the end. Who holds the address writes
  /// what he likes there.
  Answer<String> ptr(InetAddress address);

  /// What certificates a service has; the name is of the form `_25._tcp.mx.example.org` (RFC 6698
  /// §3).
  Answer<Tlsa> tlsa(String name);

  /// Which addresses are asked for.
  enum Family {
    /// A (RFC 1035 §3.4.1).
    IPV4,
    /// AAAA (RFC 3596 §2.1).
    IPV6
  }
}
