package org.depesche.queue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.depesche.delivery.DeliveryJob;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.mail.Recipient;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;

/// Makes one attempt, on a thread of its own. Whatever goes wrong, the attempt ends with a result:
/// an item that never came back would wait for ever.
final class AttemptRunner {

  private final Spool spool;
  private final Router router;
  private final Transport transport;
  private final InstantSource clock;

  AttemptRunner(Spool spool, Router router, Transport transport, InstantSource clock) {
    this.spool = spool;
    this.router = router;
    this.transport = transport;
    this.clock = clock;
  }

  Attempt run(Item item) {
    long start = clock.millis();
    Attempt.Result result;
    try (StoredMessage message = spool.open(item.message.id()).orElse(null)) {
      result = message == null ? new Attempt.Gone() : attempt(item, message);
    } catch (SpoolException e) {
      result = new Attempt.Unreadable("the spool cannot read it: " + e.getMessage());
    }
    return new Attempt(item, result, Duration.ofMillis(clock.millis() - start));
  }

  private Attempt.Result attempt(Item item, StoredMessage message) {
    Map<Integer, Recipient> recipients = new TreeMap<>();
    for (int index : item.recipients) {
      recipients.put(index, message.envelope().envelope().recipients().get(index));
    }
    if (item.attempts > 0) {
      Optional<Map<Route, List<Integer>>> elsewhere = elsewhere(item, recipients);
      if (elsewhere.isPresent()) {
        return new Attempt.Rerouted(elsewhere.get(), message.envelope().envelope().recipients());
      }
    }
    List<Integer> indexes = List.copyOf(recipients.keySet());
    List<Outcome> outcomes;
    try {
      outcomes = transport.deliver(new DeliveryJob(message, item.route, indexes));
    } catch (RuntimeException e) {
      outcomes = broken(indexes.size(), "the attempt broke: " + e);
    }
    List<String> addresses = recipients.values().stream().map(r -> r.address().wire()).toList();
    return new Attempt.Tried(message.envelope().states(), addresses, outcomes);
  }

  /// The present routes of the recipients, when the item's own is not among those of each any more.
  private Optional<Map<Route, List<Integer>>> elsewhere(
      Item item, Map<Integer, Recipient> recipients) {
    Map<Route, List<Integer>> plan = router.plan(recipients);
    List<Integer> served = plan.getOrDefault(item.route, List.of());
    return served.size() == recipients.size() ? Optional.empty() : Optional.of(plan);
  }

  private static List<Outcome> broken(int recipients, String cause) {
    return Collections.nCopies(recipients, new Outcome.Deferred(Scope.MESSAGE, cause));
  }
}
