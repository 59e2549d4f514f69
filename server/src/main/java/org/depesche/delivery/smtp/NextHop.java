package org.depesche.delivery.smtp;

import java.net.InetAddress;
import java.util.List;

/// A host that may take mail for a destination.
///
/// @param name as the DNS or the configuration has it
/// @param addresses in the order they should be tried, IPv6 and IPv4 by turns; not empty
/// @param preference the MX preference, lower first; 0 where there is none
/// @param authenticated the look-ups were secured by DNSSEC
public record NextHop(
    String name, List<InetAddress> addresses, int preference, boolean authenticated) {

  public NextHop {
    addresses = List.copyOf(addresses);
  }
}
