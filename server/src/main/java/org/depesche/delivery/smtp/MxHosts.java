package org.depesche.delivery.smtp;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.depesche.directory.DomainNames;
import org.depesche.dns.Answer;
import org.depesche.dns.Mx;
import org.depesche.dns.Resolver;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;

/// Finds the hosts of a domain as RFC 5321 §5.1 says.
public final class MxHosts implements HopFinder {

  /// Hosts that are looked up; a domain with more is tried at the best of them.
  private static final int MOST_HOSTS = 20;

  /// Addresses of one host, and of all hosts together, that are tried.
  private static final int MOST_PER_HOST = 8;

  private static final int MOST_ADDRESSES = 100;

  /// Once there is a host, this many more whose addresses cannot be found out just now are enough:
  /// each costs all the tries of a look-up.
  private static final int MOST_TROUBLES = 3;

  private final Resolver resolver;
  private final HostAddresses addresses;
  private final Ourselves ourselves;
  private final RandomGenerator random;

  public MxHosts(Resolver resolver, Ourselves ourselves, RandomGenerator random) {
    this.resolver = resolver;
    this.addresses = new HostAddresses(resolver);
    this.ourselves = ourselves;
    this.random = random;
  }

  @Override
  public NextHops find(Host destination) {
    return switch (destination) {
      case AddressLiteral literal -> literal(literal);
      case Domain domain -> domain(DomainNames.ascii(domain));
    };
  }

  @Override
  public NextHops host(String host) {
    return AddressText.parse(host)
        .map(MxHosts::only)
        .orElseGet(
            () -> {
              String name = DomainNames.ascii(new Domain(host));
              return hops(name, addresses.of(name));
            });
  }

  private static NextHops only(InetAddress address) {
    return new NextHops.Hosts(
        List.of(new NextHop(address.getHostAddress(), List.of(address), 0, false)));
  }

  /// RFC 5321 §5.1 looks up domains only: a literal is the host.
  private NextHops literal(AddressLiteral literal) {
    return AddressText.of(literal)
        .map(address -> literal(literal, address))
        .orElseGet(() -> new NextHops.NoHost(literal + " is of a kind this server cannot reach"));
  }

  private NextHops literal(AddressLiteral literal, InetAddress address) {
    if (!HostAddresses.isOfAHost(address)) {
      return new NextHops.NoHost(literal + " belongs to no host");
    }
    return ourselves.are(address) ? ours(literal.toString()) : only(address);
  }

  private NextHops domain(String name) {
    if (!name.chars().allMatch(c -> c < 0x80)) {
      // What has no A-label form cannot be in the DNS (RFC 5891 §5.5).
      return new NextHops.NoSuchDomain();
    }
    return switch (resolver.mx(name)) {
      case Answer.Found<Mx> found -> exchangers(name, found);
      // RFC 5321 §5.1: no MX record at all, so the domain itself is the host.
      case Answer.NoData<Mx> _ -> implicit(name);
      case Answer.NoSuchName<Mx> _ -> new NextHops.NoSuchDomain();
      case Answer.Failed<Mx> failed -> new NextHops.Undecided(failed.reason());
    };
  }

  private NextHops implicit(String name) {
    return switch (addresses.of(name)) {
      case HostAddresses.Known(var found, var _) when ourselves.areAny(found) -> ours(name);
      case HostAddresses.None(var reason) -> new NextHops.NoHost("no MX record, and " + reason);
      case HostAddresses.Addresses known -> hops(name, known);
    };
  }

  private static NextHops hops(String name, HostAddresses.Addresses addresses) {
    return switch (addresses) {
      case HostAddresses.Known(var found, var authenticated) ->
          new NextHops.Hosts(
              List.of(new NextHop(name, first(found, MOST_PER_HOST), 0, authenticated)));
      case HostAddresses.NoSuchName _ -> new NextHops.NoSuchDomain();
      case HostAddresses.None(var reason) -> new NextHops.NoHost(reason);
      case HostAddresses.Unknown(var reason) -> new NextHops.Undecided(reason);
    };
  }

  private static List<InetAddress> first(List<InetAddress> addresses, int most) {
    return addresses.subList(0, Math.min(most, addresses.size()));
  }

  private static NextHops ours(String name) {
    return new NextHops.OurselvesOnly(
        "mail for " + name + " comes to this server, which does not know the domain");
  }

  private NextHops exchangers(String domain, Answer.Found<Mx> found) {
    // RFC 7505 §3: a single record that names the root.
    if (found.records().stream().allMatch(Mx::isNull)) {
      return new NextHops.NullMx();
    }
    List<Mx> ordered = ordered(found.records());
    int ours =
        ordered.stream()
            .filter(mx -> ourselves.are(mx.exchange()))
            .mapToInt(Mx::preference)
            .min()
            .orElse(Integer.MAX_VALUE);
    Candidates candidates = new Candidates(domain, found.authenticated(), ours);
    ordered.forEach(candidates::consider);
    return candidates.result();
  }

  /// RFC 5321 §5.1: by preference, equal ones in random order.
  private List<Mx> ordered(List<Mx> records) {
    List<Mx> ordered = new ArrayList<>(records);
    // A root among others says nothing (RFC 7505 §3 forbids it).
    ordered.removeIf(Mx::isNull);
    for (int i = ordered.size() - 1; i > 0; i--) {
      Collections.swap(ordered, i, random.nextInt(i + 1));
    }
    ordered.sort(Comparator.comparingInt(Mx::preference));
    return ordered;
  }

  /// The hosts of one domain while they are gathered, best first.
  private final class Candidates {

    private final String domain;
    private final boolean authenticated;
    private final List<NextHop> hosts = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> troubles = new ArrayList<>();
    private final List<String> unusable = new ArrayList<>();
    private int ours;
    private int room = MOST_ADDRESSES;

    /// @param ours the best preference at which this server stands by name
    Candidates(String domain, boolean authenticated, int ours) {
      this.domain = domain;
      this.authenticated = authenticated;
      this.ours = ours;
    }

    void consider(Mx mx) {
      // RFC 5321 §5.1: hosts no better than us are left out, or the mail would go in circles.
      if (mx.preference() >= ours || isEnough() || !seen.add(mx.exchange())) {
        return;
      }
      switch (addresses.of(mx.exchange())) {
        case HostAddresses.Known(var found, var _) when ourselves.areAny(found) -> {
          ours = mx.preference();
          hosts.removeIf(host -> host.preference() >= ours);
        }
        case HostAddresses.Known(var found, var secured) -> add(mx, found, secured);
        case HostAddresses.NoSuchName _ -> unusable.add(mx.exchange() + " does not exist");
        case HostAddresses.None(var reason) -> unusable.add(reason);
        case HostAddresses.Unknown(var reason) -> troubles.add(reason);
      }
    }

    private boolean isEnough() {
      return seen.size() >= MOST_HOSTS
          || room == 0
          || !hosts.isEmpty() && troubles.size() >= MOST_TROUBLES;
    }

    private void add(Mx mx, List<InetAddress> found, boolean secured) {
      List<InetAddress> taken = first(found, Math.min(room, MOST_PER_HOST));
      room -= taken.size();
      hosts.add(new NextHop(mx.exchange(), taken, mx.preference(), authenticated && secured));
    }

    NextHops result() {
      if (!hosts.isEmpty()) {
        return new NextHops.Hosts(hosts);
      }
      if (!troubles.isEmpty()) {
        return new NextHops.Undecided(String.join("; ", troubles));
      }
      if (ours != Integer.MAX_VALUE) {
        return new NextHops.OurselvesOnly(
            "no MX host of "
                + domain
                + " is better than this server, which does not know the domain");
      }
      // RFC 5321 §5.1: MX records and no usable one among them is an error, never the domain
      // itself.
      return new NextHops.NoHost(
          "no MX host of " + domain + " can be used: " + String.join("; ", unusable));
    }
  }
}
