package org.depesche.delivery.smtp;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.time.Ticker;

/// Delivery to other servers. One attempt goes through the hosts of the destination until each
/// recipient has an answer that another host would not better (RFC 5321 §5.1).
///
/// Safe for use by many threads.
public final class SmtpTransport implements Transport, AutoCloseable {

  private final OutgoingSettings settings;
  private final HopFinder hops;
  private final ForwardedSender forwarding;
  private final Door door;
  private final Ticker ticker;
  private final Executor executor;
  private volatile Sessions sessions;

  /// @param door connects to one address
  /// @param encryption TLS to other servers
  /// @param forwarding says who forwarded mail is from
  /// @param executor for attempts to connect that run beside each other, and for good-byes
  public SmtpTransport(
      OutgoingSettings settings,
      HopFinder hops,
      Door door,
      Encryption encryption,
      ForwardedSender forwarding,
      Ticker ticker,
      Executor executor) {
    this.forwarding = forwarding;
    this.settings = settings;
    this.hops = hops;
    this.door = door;
    this.ticker = ticker;
    this.executor = executor;
    this.sessions = new Sessions(settings, door, encryption, ticker, executor);
  }

  @Override
  public List<Outcome> deliver(DeliveryJob job) {
    Delivery delivery =
        new Delivery(job, new Addressing(job, settings.recipientsPerMessage(), forwarding));
    if (overKept(delivery)) {
      return delivery.outcomes();
    }
    delivery.forgetTroubles();
    switch (job.route()) {
      case Route.Mx(var destination) -> over(delivery, hops.find(destination), settings.mxPort());
      case Route.Relay(RelayTarget.Tcp target) ->
          over(delivery, configured(hops.host(target.host())), target.port());
      case Route.Relay(RelayTarget.UnixSocket target) -> overSocket(delivery, target);
      case Route.Local _, Route.Nowhere _, Route.Done _ ->
          throw new IllegalArgumentException("not another server: " + job.route());
    }
    return delivery.outcomes();
  }

  private boolean overKept(Delivery delivery) {
    Sessions current = sessions;
    Optional<OpenSession> kept =
        delivery.requiresTls() ? Optional.empty() : current.kept(delivery.route());
    return kept.isPresent() && delivery.over(kept.get(), current) == Visit.Next.NOTHING;
  }

  /// A host that an operator has named and that is not found is his mistake or the DNS's: mail
  /// waits for it to be mended.
  private static NextHops configured(NextHops found) {
    return switch (found) {
      case NextHops.Hosts hosts -> hosts;
      case NextHops.Undecided undecided -> undecided;
      case NextHops.NullMx _, NextHops.NoSuchDomain _ ->
          new NextHops.Undecided("the configured next hop is not known to the DNS");
      case NextHops.NoHost(var reason) -> new NextHops.Undecided(reason);
      case NextHops.OurselvesOnly(var reason) -> new NextHops.Undecided(reason);
    };
  }

  private void over(Delivery delivery, NextHops found, int port) {
    switch (found) {
      case NextHops.Hosts(var hosts) -> overHosts(delivery, hosts, port);
      // RFC 7505 §4.1 and RFC 3463 §3.2, each with the status it gives.
      case NextHops.NullMx _ -> delivery.fail("5.1.10", "the domain takes no mail (null MX)");
      case NextHops.NoSuchDomain _ -> delivery.fail("5.1.2", "there is no such domain");
      case NextHops.NoHost(var reason) -> delivery.fail("5.4.4", reason);
      case NextHops.OurselvesOnly(var reason) -> delivery.fail("5.4.6", reason);
      case NextHops.Undecided(var reason) ->
          delivery.defer(Scope.DESTINATION, Cause.of("4.4.3", reason));
    }
  }

  private void overHosts(Delivery delivery, List<NextHop> hosts, int port) {
    for (NextHop host : hosts.subList(0, Math.min(settings.hosts(), hosts.size()))) {
      if (delivery.requiresTls() && delivery.route() instanceof Route.Mx && !host.authenticated()) {
        // RFC 8689 §4.2.1 (2)
        delivery.hostFailed(
            Cause.of(
                "5.7.10", host.name() + ": TLS is required, and no DNSSEC vouches for its name"),
            true);
        continue;
      }
      boolean proven = delivery.requiresTls();
      if (isComplete(delivery, current -> current.open(delivery.route(), host, port, proven))) {
        return;
      }
    }
    delivery.noHostLeft();
  }

  /// Sends to one host, over as many sessions as it takes.
  ///
  /// @return true when all have their outcome; else another host should be asked
  private boolean isComplete(Delivery delivery, Function<Sessions, Sessions.Attempt> opening) {
    while (true) {
      Sessions current = sessions;
      switch (opening.apply(current)) {
        case Sessions.Opened(var session) -> {
          Visit.Next next = delivery.over(session, current);
          if (next != Visit.Next.SAME_HOST) {
            return next == Visit.Next.NOTHING;
          }
        }
        case Sessions.Shut(var cause, var forGood) -> {
          delivery.hostFailed(cause, forGood || delivery.requiresTls() && isNoTls(cause));
          return false;
        }
      }
    }
  }

  /// RFC 3463 §3.8 and its registry: X.7.10, encryption needed.
  private static boolean isNoTls(Cause cause) {
    return cause.status().toString().endsWith(".7.10");
  }

  private void overSocket(Delivery delivery, RelayTarget.UnixSocket target) {
    if (!isComplete(delivery, current -> current.open(delivery.route(), target))) {
      delivery.noHostLeft();
    }
  }

  /// Changes what TLS is wanted. What is sent from now on goes over sessions that were opened under
  /// these terms: those that are kept are given up, and those in use when they come back.
  public synchronized void encryption(Encryption changed) {
    Sessions before = sessions;
    sessions = new Sessions(settings, door, changed, ticker, executor);
    executor.execute(before::close);
  }

  /// The hosts a message would be sent to now, without sending anything.
  public NextHops hosts(Route route) {
    return switch (route) {
      case Route.Mx(var destination) -> hops.find(destination);
      case Route.Relay(RelayTarget.Tcp target) -> configured(hops.host(target.host()));
      case Route.Relay(RelayTarget.UnixSocket _), Route.Local _, Route.Nowhere _, Route.Done _ ->
          throw new IllegalArgumentException("not a host: " + route);
    };
  }

  /// Says good-bye to servers nothing was sent to for a while; to be called every second or so.
  public void closeIdle() {
    sessions.closeIdle();
  }

  /// Keeps no session any more and ends those that are kept.
  @Override
  public void close() {
    sessions.close();
  }
}
