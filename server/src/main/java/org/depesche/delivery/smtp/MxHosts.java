package org.depesche.delivery.smtp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.depesche.dns.Answer;
import org.depesche.dns.Mx;
import org.depesche.dns.Resolver;
import org.depesche.dns.Resolver.Family;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;

/// Finds the hosts of a domain as RFC 5321 §5.1 says.
public final class MxHosts implements HopFinder {

  /// Hosts that are looked up; a domain with more is tried at the best of them.
  private static final int MOST_HOSTS = 20;

  /// Addresses of one host that are tried.
  private static final int MOST_ADDRESSES = 8;

  private final Resolver resolver;
  private final Set<String> ourNames;
  private final RandomGenerator random;

  /// @param ourNames the names of this server, for loops
  public MxHosts(Resolver resolver, Set<String> ourNames, RandomGenerator random) {
    this.resolver = resolver;
    this.ourNames = new HashSet<>();
    ourNames.forEach(name -> this.ourNames.add(name.toLowerCase(Locale.ROOT)));
    this.random = random;
  }

  @Override
  public NextHops find(Host destination) {
    return switch (destination) {
      case AddressLiteral literal -> literal(literal);
      case Domain domain -> domain(domain.name());
    };
  }

  @Override
  public NextHops host(String host) {
    if (host.contains(":") || host.matches("[\\d.]+")) {
      return literal(new AddressLiteral(host));
    }
    return implicit(host);
  }

  /// RFC 5321 §5.1 looks up domains only: a literal is the host.
  private static NextHops literal(AddressLiteral literal) {
    String address = literal.content().replaceFirst("^IPv6:", "");
    if (!address.matches("[\\d.]+|[0-9a-f:.]*:[0-9a-f:.]*")) {
      return new NextHops.NoHost(literal + " is of a kind this server cannot reach");
    }
    try {
      InetAddress found = InetAddress.getByName(address);
      return new NextHops.Hosts(
          List.of(new NextHop(found.getHostAddress(), List.of(found), 0, false)));
    } catch (UnknownHostException e) {
      return new NextHops.NoHost(literal + " is no address");
    }
  }

  private NextHops domain(String name) {
    return switch (resolver.mx(name)) {
      case Answer.Found<Mx> found -> exchangers(name, found);
      // RFC 5321 §5.1: no MX record at all, so the domain itself is the host.
      case Answer.NoData<Mx> _ -> implicit(name);
      case Answer.NoSuchName<Mx> _ -> new NextHops.NoSuchDomain();
      case Answer.Failed<Mx> failed -> new NextHops.Undecided(failed.reason());
    };
  }

  private NextHops implicit(String name) {
    Addresses addresses = addresses(name);
    if (!addresses.found().isEmpty()) {
      return new NextHops.Hosts(
          List.of(new NextHop(name, addresses.found(), 0, addresses.authenticated())));
    }
    if (!addresses.trouble().isEmpty()) {
      return new NextHops.Undecided(addresses.trouble());
    }
    return addresses.noSuchName()
        ? new NextHops.NoSuchDomain()
        : new NextHops.NoHost(name + " has neither MX nor address records");
  }

  private NextHops exchangers(String domain, Answer.Found<Mx> found) {
    // RFC 7505 §3: a single record that names the root.
    if (found.records().stream().allMatch(mx -> mx.exchange().isEmpty())) {
      return new NextHops.NullMx();
    }
    List<Mx> usable = ordered(found.records());
    List<Mx> before = beforeUs(usable);
    if (before.isEmpty()) {
      return new NextHops.OurselvesOnly(
          "this server is the best MX of " + domain + ", and does not know the domain");
    }
    return hosts(domain, before, found.authenticated());
  }

  /// RFC 5321 §5.1: by preference, equal ones in random order.
  private List<Mx> ordered(List<Mx> records) {
    List<Mx> ordered = new ArrayList<>(records);
    // A root among others says nothing (RFC 7505 §3 forbids it).
    ordered.removeIf(mx -> mx.exchange().isEmpty());
    for (int i = ordered.size() - 1; i > 0; i--) {
      Collections.swap(ordered, i, random.nextInt(i + 1));
    }
    ordered.sort(Comparator.comparingInt(Mx::preference));
    return ordered;
  }

  /// RFC 5321 §5.1: when we are in the list, hosts that are no better than us are left out, or the
  /// mail would go in circles.
  private List<Mx> beforeUs(List<Mx> ordered) {
    int ours =
        ordered.stream()
            .filter(mx -> ourNames.contains(mx.exchange()))
            .mapToInt(Mx::preference)
            .min()
            .orElse(Integer.MAX_VALUE);
    return ordered.stream().filter(mx -> mx.preference() < ours).toList();
  }

  private NextHops hosts(String domain, List<Mx> exchangers, boolean authenticated) {
    List<NextHop> hosts = new ArrayList<>();
    List<String> troubles = new ArrayList<>();
    List<String> without = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Mx mx : exchangers) {
      if (seen.size() >= MOST_HOSTS || !seen.add(mx.exchange())) {
        continue;
      }
      Addresses addresses = addresses(mx.exchange());
      if (!addresses.found().isEmpty()) {
        hosts.add(
            new NextHop(
                mx.exchange(),
                addresses.found(),
                mx.preference(),
                authenticated && addresses.authenticated()));
      } else if (!addresses.trouble().isEmpty()) {
        troubles.add(addresses.trouble());
      } else {
        without.add(mx.exchange());
      }
    }
    if (!hosts.isEmpty()) {
      return new NextHops.Hosts(hosts);
    }
    if (!troubles.isEmpty()) {
      return new NextHops.Undecided(String.join("; ", troubles));
    }
    // RFC 5321 §5.1: MX records and no usable one among them is an error, never the domain itself.
    return new NextHops.NoHost(
        "no MX host of " + domain + " has an address: " + String.join(", ", without));
  }

  /// The addresses of a host.
  ///
  /// @param trouble why there may be more than was found; empty when all is known
  private record Addresses(
      List<InetAddress> found, boolean authenticated, boolean noSuchName, String trouble) {}

  private Addresses addresses(String name) {
    Answer<InetAddress> six = resolver.addresses(name, Family.IPV6);
    Answer<InetAddress> four = resolver.addresses(name, Family.IPV4);
    List<InetAddress> found = byTurns(records(six), records(four));
    boolean authenticated = isAuthenticated(six) && isAuthenticated(four);
    boolean none =
        six instanceof Answer.NoSuchName<InetAddress>
            && four instanceof Answer.NoSuchName<InetAddress>;
    String trouble =
        four instanceof Answer.Failed<InetAddress> failed
            ? failed.reason()
            : six instanceof Answer.Failed<InetAddress> failed6 ? failed6.reason() : "";
    return new Addresses(
        found.subList(0, Math.min(MOST_ADDRESSES, found.size())), authenticated, none, trouble);
  }

  private static List<InetAddress> records(Answer<InetAddress> answer) {
    return answer instanceof Answer.Found<InetAddress> found ? found.records() : List.of();
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
