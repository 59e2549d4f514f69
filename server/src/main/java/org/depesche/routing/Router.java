package org.depesche.routing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.depesche.directory.Directory;
import org.depesche.directory.DomainNames;
import org.depesche.directory.Resolution;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Host;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;

/// Finds the routes of recipients. An alias has several; recipients that share a route share its
/// deliveries, so that nobody gets a message twice because it was sent to two of their addresses.
public final class Router {

  /// The route of those whose own has not been looked up yet.
  private static final Route PENDING =
      new Route.Nowhere("4.4.3", "its way has not been looked up yet");

  private final Directory directory;
  private volatile RouteTable table;

  public Router(Directory directory, RouteTable table) {
    this.directory = directory;
    this.table = table;
  }

  /// Changes the configured next hops for all that is routed from now on.
  public void table(RouteTable changed) {
    table = changed;
  }

  /// The ways of one address, never empty.
  public Map<Route, List<Mailbox>> route(Mailbox address) {
    Map<Route, List<Mailbox>> ways = new LinkedHashMap<>();
    switch (directory.resolve(address)) {
      case Resolution.Found(var accounts, var elsewhere) -> {
        accounts.forEach(account -> add(ways, local(account), account));
        elsewhere.forEach(other -> add(ways, foreign(other.host()), other));
      }
      case Resolution.Unknown _ ->
          add(ways, new Route.Nowhere("4.1.1", "no mailbox has this address any more"), address);
      case Resolution.Disabled(var account) ->
          add(ways, new Route.Nowhere("4.2.1", account + " takes no mail at present"), address);
      case Resolution.Unavailable(var reason) ->
          add(ways, new Route.Nowhere("4.4.3", reason), address);
      case Resolution.Foreign _ -> add(ways, foreign(address.host()), address);
    }
    return ways;
  }

  /// The next hop that a setting names for the mail of a domain; empty when none does, or when it
  /// cannot be said now whether the domain is ours.
  public Optional<RelayTarget> configured(Domain domain) {
    try {
      return directory.isLocal(domain) ? table.findForLocal(domain) : table.find(domain);
    } catch (UnavailableException _) {
      return Optional.empty();
    }
  }

  private static void add(Map<Route, List<Mailbox>> ways, Route route, Mailbox address) {
    ways.computeIfAbsent(route, _ -> new ArrayList<>(1)).add(address);
  }

  private Route local(Mailbox account) {
    Optional<RelayTarget> target = table.findForLocal(account.host());
    return target.<Route>map(Route.Relay::new).orElseGet(() -> new Route.Local(account));
  }

  private Route foreign(Host host) {
    Optional<RelayTarget> target = table.find(host);
    return target.<Route>map(Route.Relay::new).orElseGet(() -> new Route.Mx(normal(host)));
  }

  /// One queue for a domain, however it is spelled.
  private static Host normal(Host host) {
    return host instanceof Domain domain && !domain.isAscii()
        ? new Domain(DomainNames.ascii(domain))
        : host;
  }

  /// The routes of several recipients, each with what goes over it.
  ///
  /// @param recipients the recipients by their index in the envelope
  /// @param progress what narrows the ways of some of them, by the same index
  public Map<Route, List<Leg>> plan(
      SortedMap<Integer, Recipient> recipients, Map<Integer, Progress> progress) {
    Map<Route, List<Leg>> plan = new LinkedHashMap<>();
    recipients.forEach(
        (index, recipient) ->
            add(plan, index, recipient.address(), progress.getOrDefault(index, Progress.NONE)));
    return plan;
  }

  /// The same without waiting for anybody: where the directory would have to ask, recipients are
  /// nowhere for now, and an attempt finds their ways.
  public Map<Route, List<Leg>> planAtOnce(
      SortedMap<Integer, Recipient> recipients, Map<Integer, Progress> progress) {
    if (directory.isImmediate()) {
      return plan(recipients, progress);
    }
    List<Leg> pending = new ArrayList<>();
    recipients.forEach((index, recipient) -> pending.add(new Leg(index, recipient.address())));
    return Map.of(PENDING, pending);
  }

  private void add(Map<Route, List<Leg>> plan, int index, Mailbox address, Progress progress) {
    Map<Route, List<Mailbox>> ways = open(address, progress);
    boolean several =
        !progress.done().isEmpty() || ways.values().stream().mapToInt(List::size).sum() > 1;
    ways.forEach(
        (route, addresses) -> {
          List<Leg> legs = plan.computeIfAbsent(route, _ -> new ArrayList<>(1));
          addresses.forEach(each -> legs.add(new Leg(index, each, several)));
        });
  }

  /// The ways that are left of an address.
  private Map<Route, List<Mailbox>> open(Mailbox address, Progress progress) {
    Map<Route, List<Mailbox>> ways = chosen(address, progress);
    if (progress.done().isEmpty()) {
      return ways;
    }
    Set<Mailbox> done = new HashSet<>(progress.done());
    Map<Route, List<Mailbox>> open = new LinkedHashMap<>();
    ways.forEach(
        (route, addresses) ->
            addresses.stream()
                .filter(each -> !done.contains(each))
                .forEach(each -> add(open, route, each)));
    return open.isEmpty() ? Map.of(new Route.Done(), List.of(address)) : open;
  }

  /// The next hop an operator has chosen instead of the usual ones.
  private Map<Route, List<Mailbox>> chosen(Mailbox address, Progress progress) {
    Map<Route, List<Mailbox>> usual = route(address);
    Optional<RelayTarget> hop = RelayTarget.parse(progress.via());
    boolean untouched = progress.done().isEmpty();
    // Which of its addresses are left cannot be said of an alias that nobody knows now.
    if (hop.isEmpty() || (!untouched && isNowhere(usual))) {
      return usual;
    }
    List<Mailbox> all = usual.values().stream().flatMap(List::stream).toList();
    // Where there is one only, the name it came under says more, a subaddress for instance.
    return Map.of(
        new Route.Relay(hop.get()), all.size() == 1 && untouched ? List.of(address) : all);
  }

  private static boolean isNowhere(Map<Route, List<Mailbox>> ways) {
    return ways.keySet().iterator().next() instanceof Route.Nowhere;
  }
}
