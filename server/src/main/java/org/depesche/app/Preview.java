package org.depesche.app;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.depesche.admin.RoutePreview;
import org.depesche.admin.RoutePreview.Way;
import org.depesche.delivery.smtp.NextHop;
import org.depesche.delivery.smtp.NextHops;
import org.depesche.delivery.smtp.SmtpTransport;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.ReversePath;
import org.depesche.mail.Verdict;
import org.depesche.policy.ReceivePolicy;
import org.depesche.routing.RelayTarget;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.smtp.AddressParser;

/// What would become of a message: the same policy, routes and look-ups, and nothing is sent.
final class Preview {

  private final ReceivePolicy policy;
  private final Router router;
  private final SmtpTransport servers;

  Preview(ReceivePolicy policy, Router router, SmtpTransport servers) {
    this.policy = policy;
    this.router = router;
    this.servers = servers;
  }

  /// @throws IllegalArgumentException when an argument is not what it should be
  RoutePreview of(String from, String to, String client) {
    ReversePath sender = from.isEmpty() || from.equals("<>") ? NullPath.INSTANCE : mailbox(from);
    Mailbox address = mailbox(to);
    Recipient recipient = new Recipient(address);
    Verdict verdict =
        policy.recipient(
            address(client), false, new Envelope(sender, List.of(recipient)), recipient);
    return switch (verdict) {
      case Verdict.Refuse(var reply, var reason) ->
          new RoutePreview(from, to, client, false, reply.toString(), reason, List.of());
      case Verdict.Accept _ ->
          new RoutePreview(from, to, client, true, "250 2.1.5 OK", "", ways(address));
    };
  }

  private List<Way> ways(Mailbox to) {
    List<Way> ways = new ArrayList<>();
    router
        .route(to)
        .forEach((route, addresses) -> addresses.forEach(address -> ways.add(way(route, address))));
    return ways;
  }

  private Way way(Route route, Mailbox address) {
    return switch (route) {
      case Route.Local _, Route.Done _ -> new Way(address.wire(), route.toString(), List.of(), "");
      case Route.Nowhere(_, var reason) ->
          new Way(address.wire(), route.toString(), List.of(), reason);
      case Route.Relay(RelayTarget.UnixSocket target) ->
          new Way(address.wire(), route.toString(), List.of(target.path().toString()), "");
      case Route.Relay _, Route.Mx _ -> hosts(route, address, servers.hosts(route));
    };
  }

  private static Way hosts(Route route, Mailbox address, NextHops found) {
    List<String> hosts = new ArrayList<>();
    String note = "";
    switch (found) {
      case NextHops.Hosts(var all) -> all.forEach(host -> hosts.add(text(host)));
      case NextHops.NullMx _ -> note = "refused: the domain takes no mail (null MX)";
      case NextHops.NoSuchDomain _ -> note = "refused: there is no such domain";
      case NextHops.NoHost(var reason) -> note = "refused: " + reason;
      case NextHops.OurselvesOnly(var reason) -> note = "refused: " + reason;
      case NextHops.Undecided(var reason) -> note = "would wait: " + reason;
    }
    return new Way(address.wire(), route.toString(), hosts, note);
  }

  private static String text(NextHop host) {
    List<String> addresses = host.addresses().stream().map(InetAddress::getHostAddress).toList();
    return host.preference() + " " + host.name() + " " + String.join(" ", addresses);
  }

  private static Mailbox mailbox(String text) {
    return AddressParser.parseMailbox(text, true)
        .orElseThrow(() -> new IllegalArgumentException(text + " is no mail address"));
  }

  private static InetAddress address(String text) {
    if (!text.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
      throw new IllegalArgumentException(text + " is no network address");
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text + " is no network address", e);
    }
  }
}
