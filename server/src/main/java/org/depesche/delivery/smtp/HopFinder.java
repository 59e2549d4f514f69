package org.depesche.delivery.smtp;

import org.depesche.mail.Host;

/// Finds the hosts of a destination. May block for as long as the DNS takes.
public interface HopFinder {

  /// Those for a domain by its MX records, or the one of an address literal.
  NextHops find(Host destination);

  /// The addresses of a host that was named by a setting.
  ///
  /// @param host a name or an address
  NextHops host(String host);
}
