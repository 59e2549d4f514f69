package org.depesche.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// How the DNS is asked.
///
/// @param servers those to ask, by turns; empty for the system's
/// @param timeout how long a server may take
/// @param tries how often to ask in all, while nobody answers
/// @param trusted the servers validate DNSSEC and are reached over a path nobody else can write to,
///   so that what they say about it counts
public record DnsSettings(
    List<InetSocketAddress> servers, Duration timeout, int tries, boolean trusted) {

  public DnsSettings {
    servers = List.copyOf(servers);
    if (tries < 1 || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("at least one try, and some time for it");
    }
  }
}
