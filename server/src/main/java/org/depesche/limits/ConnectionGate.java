package org.depesche.limits;

import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts sessions, in all and for each client, and says when there are too many. A client is an
/// IPv4 address or an IPv6 /64.
public final class ConnectionGate {

  /// What the gate says about one more session.
  public enum Admission {
    ADMITTED,
    TOO_MANY,
    TOO_MANY_OF_CLIENT
  }

  /// How many sessions there may be.
  ///
  /// @param sessions sessions at once
  /// @param perClient sessions at once of one client; 0 for no limit
  public record Limits(int sessions, int perClient) {}

  private final AtomicInteger sessions = new AtomicInteger();
  private final Map<ClientNetwork, Integer> clients = new ConcurrentHashMap<>();
  private volatile Limits limits;

  public ConnectionGate(Limits limits) {
    this.limits = limits;
  }

  /// Changes the limits; sessions that are there stay.
  public void limits(Limits changed) {
    limits = changed;
  }

  /// Asks for one more session; only an admitted one has to `leave`.
  public Admission enter(InetAddress client) {
    Limits now = limits;
    if (sessions.incrementAndGet() > now.sessions()) {
      sessions.decrementAndGet();
      return Admission.TOO_MANY;
    }
    int ofClient = clients.merge(ClientNetwork.of(client), 1, Integer::sum);
    if (now.perClient() > 0 && ofClient > now.perClient()) {
      leave(client);
      return Admission.TOO_MANY_OF_CLIENT;
    }
    return Admission.ADMITTED;
  }

  public void leave(InetAddress client) {
    sessions.decrementAndGet();
    clients.computeIfPresent(ClientNetwork.of(client), (_, n) -> n > 1 ? n - 1 : null);
  }

  public int sessions() {
    return sessions.get();
  }
}
