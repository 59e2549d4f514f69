package org.depesche.delivery.smtp;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The names and addresses by which this server may be known to others (RFC 5321 §5.1). Mail must
/// not be sent there: it would come back.
///
/// @param names as A-labels
/// @param addresses those at which it takes mail on the port that mail is sent to; the wildcard
///   stands for all by which the machine reaches itself
public record Ourselves(Set<String> names, Set<InetAddress> addresses) {

  public Ourselves {
    names =
        names.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
    addresses = Set.copyOf(addresses);
  }

  boolean are(String name) {
    return names.contains(name);
  }

  boolean are(InetAddress address) {
    return addresses.contains(address) || address.isLoopbackAddress() && areWithinThisMachine();
  }

  boolean areAny(Collection<InetAddress> some) {
    return some.stream().anyMatch(this::are);
  }

  /// There are many addresses by which a machine reaches itself (RFC 1122 §3.2.1.3: all of 127/8).
  private boolean areWithinThisMachine() {
    return addresses.stream().anyMatch(a -> a.isLoopbackAddress() || a.isAnyLocalAddress());
  }
}
