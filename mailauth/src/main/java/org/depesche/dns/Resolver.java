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

  /// Which addresses are asked for.
  enum Family {
    /// A (RFC 1035 §3.4.1).
    IPV4,
    /// AAAA (RFC 3596 §2.1).
    IPV6
  }
}
