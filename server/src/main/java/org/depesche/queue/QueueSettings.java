package org.depesche.queue;

import java.util.function.Function;
import org.depesche.queue.DestinationQueue.Concurrency;
import org.depesche.routing.Route;

/// How the queue works.
///
/// @param schedule when to try again
/// @param perMailbox deliveries at once into one mailbox
/// @param firstPerDestination attempts at once at a destination nothing is known of
/// @param perDestination attempts at once at a destination that takes them
/// @param mailboxes deliveries into mailboxes at once, in all
/// @param servers attempts at servers at once, in all
public record QueueSettings(
    RetrySchedule schedule,
    int perMailbox,
    int firstPerDestination,
    int perDestination,
    int mailboxes,
    int servers) {

  Function<Route, Concurrency> concurrency() {
    Concurrency mailbox = new Concurrency(perMailbox, perMailbox);
    Concurrency server =
        new Concurrency(Math.min(firstPerDestination, perDestination), perDestination);
    return route ->
        switch (route) {
          case Route.Local _ -> mailbox;
          case Route.Nowhere _, Route.Done _ -> new Concurrency(perDestination, perDestination);
          case Route.Mx _, Route.Relay _ -> server;
        };
  }
}
