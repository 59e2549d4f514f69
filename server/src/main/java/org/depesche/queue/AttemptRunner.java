package org.depesche.queue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.depesche.delivery.Cause;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Doubt;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Progress;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;

/// Makes one attempt, on a thread of its own. Whatever goes wrong, the attempt ends with a result:
/// an item that never came back would wait for ever.
final class AttemptRunner {

  private final Spool spool;
  private final Router router;
  private final Transport transport;
  private final Intents intents;
  private final InstantSource clock;

  AttemptRunner(
      Spool spool, Router router, Transport transport, Intents intents, InstantSource clock) {
    this.spool = spool;
    this.router = router;
    this.transport = transport;
    this.intents = intents;
    this.clock = clock;
  }

  Attempt run(Item item) {
    return run(item, Optional.empty());
  }

  /// An attempt that would be in vain, because the destination takes nothing: it is judged as if it
  /// had been made, so that its sender hears in time.
  Attempt judge(Item item, String destinationsTrouble) {
    return run(item, Optional.of(Cause.of("4.4.1", destinationsTrouble)));
  }

  private Attempt run(Item item, Optional<Cause> inVain) {
    long start = clock.millis();
    Attempt.Result result;
    try (StoredMessage message = spool.open(item.message.id()).orElse(null)) {
      result = message == null ? new Attempt.Gone() : attempt(item, message, inVain);
    } catch (SpoolException e) {
      result = new Attempt.Unreadable("the spool cannot read it: " + e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      result = new Attempt.Unreadable("the attempt broke: " + e);
    }
    return new Attempt(item, result, Duration.ofMillis(clock.millis() - start));
  }

  private Attempt.Result attempt(Item item, StoredMessage message, Optional<Cause> inVain) {
    List<Recipient> envelope = message.envelope().envelope().recipients();
    List<RecipientState> states = message.envelope().states();
    List<Leg> legs = item.legs(envelope);
    List<Outcome> outcomes;
    List<Integer> doubts = new ArrayList<>(1);
    if (inVain.isPresent()) {
      outcomes =
          Collections.nCopies(legs.size(), new Outcome.Deferred(Scope.DESTINATION, inVain.get()));
    } else {
      Route route = item.route;
      boolean mayHaveChanged = item.attempts > 0 && !(route instanceof Route.Done);
      if (mayHaveChanged || route instanceof Route.Nowhere) {
        Map<Route, List<Leg>> plan = plan(legs, envelope, states);
        if (stillNowhere(route, plan)) {
          // For today's reason.
          route = plan.keySet().iterator().next();
        } else if (!ways(plan.getOrDefault(route, List.of())).containsAll(ways(legs))) {
          return new Attempt.Rerouted(plan, envelope);
        }
      }
      Doubt doubt = host -> doubts.add(intents.begin(item.message.idValue(), host));
      outcomes = deliver(new DeliveryJob(message, route, legs, doubt));
    }
    return new Attempt.Tried(states, envelope, legs, outcomes, inVain.isEmpty(), doubts);
  }

  /// Who goes where. Whether others go elsewhere beside them makes no other way of it.
  private static Set<Leg> ways(List<Leg> legs) {
    return legs.stream()
        .map(leg -> new Leg(leg.recipient(), leg.address()))
        .collect(Collectors.toSet());
  }

  private List<Outcome> deliver(DeliveryJob job) {
    try {
      return transport.deliver(job);
    } catch (RuntimeException | StackOverflowError e) {
      return Collections.nCopies(
          job.legs().size(),
          new Outcome.Deferred(Scope.MESSAGE, Cause.of("4.3.0", "the attempt broke: " + e)));
    }
  }

  /// The present routes of the recipients.
  private Map<Route, List<Leg>> plan(
      List<Leg> legs, List<Recipient> envelope, List<RecipientState> states) {
    SortedMap<Integer, Recipient> recipients = new TreeMap<>();
    Map<Integer, Progress> progress = new HashMap<>();
    for (Leg leg : legs) {
      recipients.put(leg.recipient(), envelope.get(leg.recipient()));
      if (states.get(leg.recipient()) instanceof RecipientState.Waiting waiting) {
        progress.put(leg.recipient(), new Progress(waiting.via(), waiting.done()));
      }
    }
    return router.plan(recipients, progress);
  }

  private static boolean stillNowhere(Route route, Map<Route, List<Leg>> plan) {
    return route instanceof Route.Nowhere
        && plan.size() == 1
        && plan.keySet().iterator().next() instanceof Route.Nowhere;
  }
}
