package org.depesche.queue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.depesche.mail.Domain;
import org.depesche.mail.EnvelopeId;
import org.depesche.routing.Destination;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredEnvelope;

/// What an operator can see of the queue and do to it. Calls go through the whole spool and may
/// take seconds where a million messages wait; the queue goes on meanwhile. Safe for use by many
/// threads.
public final class Operator {

  /// Messages changed at a time; they are out of the queue while it lasts.
  private static final int BATCH = 200;

  private final Spool spool;
  private final Dispatcher dispatcher;
  private final InstantSource clock;
  private final Suspensions suspensions;
  private final Router router;

  /// @param suspended the file that remembers which destinations are stopped
  /// @throws IOException when it is there and cannot be read
  public Operator(
      Spool spool, Dispatcher dispatcher, Router router, InstantSource clock, Path suspended)
      throws IOException {
    this.spool = spool;
    this.router = router;
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.suspensions = new Suspensions(suspended);
    var _ = dispatcher.suspend(suspensions::contains);
  }

  /// What matches, oldest first.
  ///
  /// @param most messages shown
  /// @throws SpoolException when the spool cannot be read
  public QueueListing list(Selection selection, int most) {
    Instant now = clock.instant();
    List<QueuedMail> shown = new ArrayList<>();
    long[] counts = new long[2];
    spool.scan(
        message -> {
          List<Integer> matching = selection.recipients(message, now);
          if (!matching.isEmpty()) {
            counts[0]++;
            counts[1] += matching.size();
            if (shown.size() < most) {
              shown.add(mail(message, matching));
            }
          }
        });
    return new QueueListing(counts[0], counts[1], withDeliveries(shown));
  }

  private List<QueuedMail> withDeliveries(List<QueuedMail> shown) {
    Map<EnvelopeId, List<QueueEntry>> deliveries = new HashMap<>();
    dispatcher
        .entries(shown.stream().map(QueuedMail::eid).collect(Collectors.toSet()))
        .join()
        .forEach(e -> deliveries.computeIfAbsent(e.id(), _ -> new ArrayList<>()).add(e));
    return shown.stream()
        .map(mail -> mail.with(deliveries.getOrDefault(mail.eid(), List.of())))
        .toList();
  }

  private static QueuedMail mail(StoredEnvelope message, List<Integer> recipients) {
    List<QueuedMail.Line> lines = new ArrayList<>();
    for (int index : recipients) {
      String address = message.envelope().recipients().get(index).address().wire();
      switch (message.states().get(index)) {
        case RecipientState.Waiting w ->
            lines.add(line(address, "waiting", w, Optional.of(w.next())));
        case RecipientState.Held(var w) -> lines.add(line(address, "held", w, Optional.empty()));
        case RecipientState.Discarded(var w, _, var until) ->
            lines.add(line(address, "removed", w, Optional.of(until)));
        case RecipientState.Delivered _, RecipientState.Failed _, RecipientState.Removed _ -> {}
      }
    }
    return new QueuedMail(
        message.id(),
        message.receivedAt(),
        message.size(),
        message.envelope().sender().wire(),
        lines,
        List.of());
  }

  private static QueuedMail.Line line(
      String address, String state, RecipientState.Waiting w, Optional<Instant> next) {
    return new QueuedMail.Line(address, state, w.attempts(), next, w.cause(), w.via());
  }

  /// What an order would come to, as far as can be said beforehand: nothing is changed.
  public Altered preview(Verb verb, Selection selection) {
    Instant now = clock.instant();
    int[] counts = new int[2];
    spool.scan(
        message -> {
          int changed = 0;
          for (int index : selection.recipients(message, now)) {
            RecipientState state = message.states().get(index);
            changed += Alteration.apply(verb, state, now).equals(state) ? 0 : 1;
          }
          counts[0] += changed > 0 ? 1 : 0;
          counts[1] += changed;
        });
    return new Altered(counts[0], counts[1], 0, 0);
  }

  /// Carries out an order.
  public Altered run(Verb verb, Selection selection) {
    Instant now = clock.instant();
    List<EnvelopeId> ids = new ArrayList<>();
    spool.scan(
        message -> {
          if (!selection.recipients(message, now).isEmpty()) {
            ids.add(message.id());
          }
        });
    Altered sum = Altered.NOTHING;
    for (int from = 0; from < ids.size(); from += BATCH) {
      List<EnvelopeId> batch = ids.subList(from, Math.min(from + BATCH, ids.size()));
      try {
        sum = sum.plus(dispatcher.alter(List.copyOf(batch), verb, selection).join());
      } catch (CompletionException e) {
        sum = sum.plus(new Altered(0, 0, 0, batch.size()));
      }
    }
    return sum;
  }

  /// The destinations that are stopped.
  public List<String> suspended() {
    return suspensions.names();
  }

  /// Stops deliveries to a destination.
  ///
  /// @param destination a domain, a next hop as `queue list` shows it, or `*`
  /// @return false when it is stopped already
  /// @throws IllegalArgumentException when it is none of these, or mail for that domain goes to a
  ///   next hop together with other mail, so that it cannot be stopped alone
  /// @throws IOException when that cannot be remembered over a restart; then nothing is stopped
  public boolean suspend(String destination) throws IOException {
    Destination named = named(destination);
    refuseShared(named);
    boolean changed = suspensions.add(named);
    dispatcher.suspend(suspensions::contains).join();
    return changed;
  }

  private static Destination named(String destination) {
    return Destination.parse(destination)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'"
                        + destination
                        + "' is no destination: a domain, a next hop such as smtp://host:25, or"
                        + " *"));
  }

  private void refuseShared(Destination destination) {
    Optional.of(destination.name())
        .filter(name -> name.matches("[^\\s:/*@\\[\\]]+"))
        .flatMap(name -> router.configured(new Domain(name)))
        .ifPresent(
            hop -> {
              throw new IllegalArgumentException(
                  "mail for "
                      + destination
                      + " goes to "
                      + hop
                      + " by a [[route]]: suspend "
                      + hop
                      + ", or hold what waits for the domain with `queue hold --domain "
                      + destination
                      + "`");
            });
  }

  /// Lets deliveries to a destination go on.
  ///
  /// @return false when it was not stopped
  /// @throws IllegalArgumentException when it is no destination
  /// @throws IOException when that cannot be remembered over a restart; then nothing is changed
  public boolean resume(String destination) throws IOException {
    boolean changed = suspensions.remove(named(destination));
    dispatcher.suspend(suspensions::contains).join();
    return changed;
  }
}
