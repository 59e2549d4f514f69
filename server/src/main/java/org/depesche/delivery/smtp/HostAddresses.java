package org.depesche.delivery.smtp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.depesche.dns.Answer;
import org.depesche.dns.Resolver;
import org.depesche.dns.Resolver.Family;

/// Looks up the addresses of a host, both families.
final class HostAddresses {

  private final Resolver resolver;

  HostAddresses(Resolver resolver) {
    this.resolver = resolver;
  }

  /// What is known of a host.
  sealed interface Addresses {}

  /// In the order they should be tried; not empty.
  ///
  /// @param authenticated DNSSEC secures all of them
  record Known(List<InetAddress> addresses, boolean authenticated) implements Addresses {}

  /// There is no such host.
  record NoSuchName() implements Addresses {}

  /// The host is there, or its name is none, and it has no address that mail can go to.
  record None(String reason) implements Addresses {}

  /// It may have addresses, and they could not be found out now.
  record Unknown(String reason) implements Addresses {}

  Addresses of(String name) {
    if (AddressText.parse(name).isPresent()) {
      // RFC 5321 §5.1: an MX record names a host.
      return new None(name + " is an address where a name has to be");
    }
    Answer<InetAddress> six = resolver.addresses(name, Family.IPV6);
    Answer<InetAddress> four = resolver.addresses(name, Family.IPV4);
    // RFC 4291 §2.5.5.2: an AAAA record may hold an IPv4 address; an A record is where those stand.
    List<InetAddress> found =
        byTurns(usable(six, Inet6Address.class), usable(four, Inet4Address.class));
    if (!found.isEmpty()) {
      return new Known(found, isAuthenticated(six) && isAuthenticated(four));
    }
    if (four instanceof Answer.Failed<InetAddress> failed) {
      return new Unknown(failed.reason());
    }
    if (six instanceof Answer.Failed<InetAddress> failed) {
      return new Unknown(failed.reason());
    }
    if (six instanceof Answer.Found || four instanceof Answer.Found) {
      return new None(name + " has only addresses that belong to no host");
    }
    return six instanceof Answer.NoSuchName && four instanceof Answer.NoSuchName
        ? new NoSuchName()
        : new None(name + " has no address");
  }

  private static List<InetAddress> usable(
      Answer<InetAddress> answer, Class<? extends InetAddress> family) {
    return answer instanceof Answer.Found<InetAddress> found
        ? found.records().stream().filter(a -> family.isInstance(a) && isOfAHost(a)).toList()
        : List.of();
  }

  /// `0.0.0.0` would lead to this machine, a group to nobody.
  static boolean isOfAHost(InetAddress address) {
    return !address.isAnyLocalAddress() && !address.isMulticastAddress();
  }

  private static boolean isAuthenticated(Answer<InetAddress> answer) {
    return !(answer instanceof Answer.Found<InetAddress> found) || found.authenticated();
  }

  /// RFC 8305 §4: the families by turns, IPv6 first.
  private static List<InetAddress> byTurns(List<InetAddress> six, List<InetAddress> four) {
    List<InetAddress> all = new ArrayList<>(six.size() + four.size());
    for (int i = 0; i < Math.max(six.size(), four.size()); i++) {
      if (i < six.size()) {
        all.add(six.get(i));
      }
      if (i < four.size()) {
        all.add(four.get(i));
      }
    }
    return all;
  }
}
