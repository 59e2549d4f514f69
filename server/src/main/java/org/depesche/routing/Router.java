package org.depesche.routing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;

/// Finds the routes of recipients. An alias has several; recipients that share a route share its
/// one delivery, so that nobody gets a message twice because it was sent to two of their addresses.
public final class Router {

  private final Directory directory;

  public Router(Directory directory) {
    this.directory = directory;
  }

  /// The routes of one address, never empty.
  public List<Route> route(Mailbox address) {
    return switch (directory.resolve(address)) {
      case Resolution.Found(var accounts) ->
          accounts.stream().map(account -> (Route) new Route.Local(account)).toList();
      case Resolution.Unknown _ ->
          List.of(new Route.Nowhere("no mailbox has this address any more"));
      case Resolution.Foreign _ -> List.of(new Route.Nowhere("its domain is not local any more"));
      case Resolution.Unavailable(var reason) -> List.of(new Route.Nowhere(reason));
    };
  }

  /// The routes of several recipients, each with the indexes of the recipients it serves.
  ///
  /// @param recipients the recipients by their index in the envelope
  public Map<Route, List<Integer>> plan(Map<Integer, Recipient> recipients) {
    Map<Route, List<Integer>> plan = new LinkedHashMap<>();
    new TreeMap<>(recipients)
        .forEach(
            (index, recipient) -> {
              for (Route route : route(recipient.address())) {
                plan.computeIfAbsent(route, _ -> new ArrayList<>()).add(index);
              }
            });
    return plan;
  }
}
