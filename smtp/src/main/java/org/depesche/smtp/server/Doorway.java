package org.depesche.smtp.server;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/// What clients meet before and beside their mail.
///
/// @param balancers peers that speak for others and say so by a PROXY header before all else
/// @param spokesmen peers that may say by XCLIENT whom they speak for
/// @param spared clients that are not made to wait, and may take their time
/// @param greetingDelay how long a client has to keep silent before it is greeted (RFC 5321 §3.1,
///   §4.3.1); zero for no wait. Clients that speak first (TLS from the first octet on) do not wait.
/// @param minimumRate how fast content has to come from clients that have not logged in
public record Doorway(
    Predicate<InetAddress> balancers,
    Predicate<InetAddress> spokesmen,
    Predicate<InetAddress> spared,
    Duration greetingDelay,
    Optional<DataRate> minimumRate) {

  /// Open to everybody.
  public static final Doorway OPEN =
      new Doorway(_ -> false, _ -> false, _ -> false, Duration.ZERO, Optional.empty());

  public Doorway {
    if (greetingDelay.isNegative()) {
      throw new IllegalArgumentException("a greeting before the connection");
    }
  }

  /// The same behind balancers.
  public Doorway behind(Predicate<InetAddress> others) {
    return new Doorway(others, spokesmen, spared, greetingDelay, minimumRate);
  }

  /// The same with peers that may use XCLIENT.
  public Doorway believing(Predicate<InetAddress> peers) {
    return new Doorway(balancers, peers, spared, greetingDelay, minimumRate);
  }

  /// The same with these clients spared.
  public Doorway sparing(Predicate<InetAddress> clients) {
    return new Doorway(balancers, spokesmen, clients, greetingDelay, minimumRate);
  }

  /// The same with a wait before the greeting.
  public Doorway greetingAfter(Duration delay) {
    return new Doorway(balancers, spokesmen, spared, delay, minimumRate);
  }

  /// The same with a bound for slow clients.
  public Doorway demanding(DataRate rate) {
    return new Doorway(balancers, spokesmen, spared, greetingDelay, Optional.of(rate));
  }

  boolean speaksForOthers(Client client) {
    return spokesmen.test(client.remote().getAddress());
  }

  /// Whether a client has to wait for its greeting.
  boolean makesWait(Client client) {
    return greetingDelay.isPositive()
        && !spared.test(client.remote().getAddress())
        && !speaksForOthers(client);
  }
}
