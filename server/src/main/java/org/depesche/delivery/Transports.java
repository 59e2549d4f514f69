package org.depesche.delivery;

import java.util.Collections;
import java.util.List;
import org.depesche.routing.Route;

/// Chooses the way out by the kind of route.
///
/// @param mailboxes for mailboxes of this server
/// @param servers for other servers
public record Transports(Transport mailboxes, Transport servers) implements Transport {

  @Override
  public List<Outcome> deliver(DeliveryJob job) {
    return switch (job.route()) {
      case Route.Local _ -> mailboxes.deliver(job);
      case Route.Mx _, Route.Relay _ -> servers.deliver(job);
      // The directory has lost it since it was accepted. That may be a slip: wait, do not refuse.
      case Route.Nowhere(var status, var reason) ->
          Collections.nCopies(
              job.legs().size(), new Outcome.Deferred(Scope.RECIPIENT, Cause.of(status, reason)));
      // An alias of which nobody is left that it did not reach.
      case Route.Done _ ->
          Collections.nCopies(
              job.legs().size(),
              new Outcome.Delivered("all it leads to", "", Outcome.Handover.FINAL));
    };
  }
}
