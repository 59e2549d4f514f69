package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Progress;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.StoredEnvelope;

/// What is to be done about each message, and what has come of it. Belongs to the queue's thread.
///
/// # Durability
///
/// Outcomes are gathered per message and settled when none of its attempts is running any more, or
/// when many have gathered; a crash before that repeats attempts, it loses nothing.
final class Deliveries {

  /// Outcomes of one message that are gathered before they are written although attempts are still
  /// running. A message to many recipients would otherwise be settled once for each, with all
  /// states each time.
  private static final int MOST_UNSETTLED = 256;

  /// How long a message waits whose sender could not be told, because there was no room to write.
  private static final Duration UNTOLD = Duration.ofMinutes(1);

  private final Scheduler scheduler;
  private final RetrySchedule schedule;
  private final Ledger ledger;
  private final Router router;
  private final AttemptRunner runner;
  private final Settler settler;
  private final Intents intents;
  private final Timeline timeline;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Consumer<Supplier<Runnable>> background;

  /// Messages of which an attempt is running, a settlement is being written or an operator is
  /// changing something.
  private final Map<Long, QueuedMessage> busy = new HashMap<>();

  private long messages;
  private long held;
  private int settling;

  /// @param background runs a part on a thread of its own, and what it answers on the queue's
  Deliveries(
      Scheduler scheduler,
      RetrySchedule schedule,
      Router router,
      AttemptRunner runner,
      Settler settler,
      Intents intents,
      Timeline timeline,
      InstantSource clock,
      RandomGenerator random,
      Consumer<Supplier<Runnable>> background) {
    this.scheduler = scheduler;
    this.schedule = schedule;
    this.ledger = new Ledger(schedule);
    this.router = router;
    this.runner = runner;
    this.settler = settler;
    this.intents = intents;
    this.timeline = timeline;
    this.clock = clock;
    this.random = random;
    this.background = background;
  }

  /// A message has come, is there since before the start, or was changed by an operator.
  ///
  /// @param tell whether its routes are news
  void arrived(StoredEnvelope stored, boolean tell) {
    SortedMap<Integer, Recipient> waiting = new TreeMap<>();
    Map<Integer, Progress> progress = new HashMap<>();
    List<RecipientState> states = stored.states();
    for (int i = 0; i < states.size(); i++) {
      switch (states.get(i)) {
        case RecipientState.Waiting w -> {
          waiting.put(i, stored.envelope().recipients().get(i));
          progress.put(i, new Progress(w.via(), w.done()));
        }
        case RecipientState.Held _ -> held++;
        case RecipientState.Discarded _,
            RecipientState.Delivered _,
            RecipientState.Failed _,
            RecipientState.Removed _ -> {}
      }
    }
    if (waiting.isEmpty()) {
      return;
    }
    Map<Route, List<Leg>> plan = router.planAtOnce(waiting, progress);
    QueuedMessage message =
        new QueuedMessage(
            stored.id().value(),
            stored.receivedAt().toEpochMilli(),
            QueuedMessage.sender(stored.envelope().sender()));
    messages++;
    for (Intents.Unfinished unfinished : intents.take(stored.id().value())) {
      message.doubted(List.of(unfinished.slot()));
      timeline.inDoubt(message, unfinished.host());
    }
    plan.forEach(
        (route, legs) -> {
          if (tell) {
            legs.forEach(leg -> tellRoute(message, waiting, leg, route));
          }
          legs.forEach(message::opened);
          insert(item(message, route, legs, waiting, states));
        });
  }

  private Item item(
      QueuedMessage message,
      Route route,
      List<Leg> legs,
      Map<Integer, Recipient> envelope,
      List<RecipientState> states) {
    int attempts = 0;
    long due = 0;
    boolean warned = true;
    for (Leg leg : legs) {
      if (states.get(leg.recipient()) instanceof RecipientState.Waiting w) {
        attempts = Math.max(attempts, w.attempts());
        due = Math.max(due, w.attempts() == 0 ? 0 : w.next().toEpochMilli());
        warned &= w.warned();
      }
    }
    // A clock that was ahead when it was put off has been set right since.
    due = Math.min(due, clock.millis() + schedule.longest().toMillis());
    Item item = Item.of(message, route, legs, envelope, attempts, due);
    item.deadlineMillis = deadline(message, warned);
    return item;
  }

  private long deadline(QueuedMessage message, boolean warned) {
    return schedule.deadline(Instant.ofEpochMilli(message.receivedMillis()), warned).toEpochMilli();
  }

  private void tellRoute(
      QueuedMessage message, Map<Integer, Recipient> envelope, Leg leg, Route route) {
    Recipient recipient = envelope.get(leg.recipient());
    if (recipient != null && !(route instanceof Route.Nowhere) && !(route instanceof Route.Done)) {
      timeline.routed(message, recipient, route);
    }
  }

  private void insert(Item item) {
    item.message.items++;
    scheduler.insert(item);
  }

  /// Starts what is due.
  void startDue(long nowMillis) {
    for (Item item : scheduler.takeDue(nowMillis, Integer.MAX_VALUE)) {
      begin(item);
      background.accept(
          () -> {
            Attempt attempt = runner.run(item);
            return () -> finished(attempt);
          });
    }
  }

  /// Nothing waits longer for a clock that was ahead than it would have with the right one.
  void clockSetBack(long nowMillis) {
    scheduler.hurry(nowMillis + schedule.longest().toMillis());
  }

  private void begin(Item item) {
    item.message.running++;
    busy.put(item.message.idValue(), item.message);
  }

  private void finished(Attempt attempt) {
    Item item = attempt.item();
    QueuedMessage message = item.message;
    scheduler.completed(item);
    message.running--;
    message.items--;
    switch (attempt.result()) {
      case Attempt.Tried tried -> tried(item, tried, attempt.took());
      case Attempt.Rerouted rerouted -> rerouted(item, rerouted);
      case Attempt.Unreadable(var cause) -> unreadable(item, cause);
      // An earlier settlement has ended it.
      case Attempt.Gone _ -> {
        message.unsettled = 0;
        message.notices = List.of();
      }
    }
    if (message.running == 0 || message.unsettled >= MOST_UNSETTLED) {
      settle(message);
    }
    rest(message);
  }

  private void rerouted(Item item, Attempt.Rerouted rerouted) {
    QueuedMessage message = item.message;
    List<Leg> before = item.legs(rerouted.recipients());
    before.forEach(message::closed);
    Map<Route, List<Leg>> plan = new LinkedHashMap<>();
    Set<Integer> nothingLeft = new TreeSet<>();
    before.forEach(leg -> nothingLeft.add(leg.recipient()));
    rerouted
        .plan()
        .forEach(
            (route, legs) -> {
              for (Leg leg : legs) {
                if (!isOver(message, leg)) {
                  nothingLeft.remove(leg.recipient());
                  // Another item may have this way already.
                  if (message.opened(leg)) {
                    plan.computeIfAbsent(route, _ -> new ArrayList<>(1)).add(leg);
                  }
                }
              }
            });
    for (int recipient : nothingLeft) {
      Leg leg = new Leg(recipient, rerouted.recipients().get(recipient).address(), true);
      message.opened(leg);
      plan.computeIfAbsent(new Route.Done(), _ -> new ArrayList<>(1)).add(leg);
    }
    Map<Integer, Recipient> envelope = new HashMap<>();
    for (int index : item.recipients) {
      envelope.put(index, rerouted.recipients().get(index));
    }
    plan.forEach(
        (route, legs) -> {
          legs.forEach(leg -> tellRoute(message, envelope, leg, route));
          Item moved = Item.of(message, route, legs, envelope, item.attempts, clock.millis());
          moved.deadlineMillis = item.deadlineMillis;
          insert(moved);
        });
  }

  /// Whether an attempt that was not settled yet has ended a way.
  private static boolean isOver(QueuedMessage message, Leg leg) {
    RecipientState[] states = message.gathered;
    return states != null
        && states[leg.recipient()] instanceof RecipientState.Waiting w
        && w.done().contains(leg.address());
  }

  /// What the spool cannot read it cannot settle either: the item waits in memory, and a restart
  /// finds it as it was.
  private void unreadable(Item item, String cause) {
    Instant now = clock.instant();
    item.attempts++;
    Instant next =
        schedule
            .next(item.attempts, Instant.ofEpochMilli(item.message.receivedMillis()), now, random)
            .orElse(now.plus(schedule.holdBack(item.attempts)));
    insert(item.part(positions(item), next.toEpochMilli()));
    timeline.waiting(item.message, item.route, cause, item.attempts, next);
  }

  private static List<Integer> positions(Item item) {
    return IntStream.range(0, item.recipients.length).boxed().toList();
  }

  private void tried(Item item, Attempt.Tried tried, Duration took) {
    QueuedMessage message = item.message;
    RecipientState[] states = message.gathered;
    if (states == null) {
      states = tried.states().toArray(RecipientState[]::new);
      message.gathered = states;
    }
    if (tried.asked()) {
      item.attempts++;
    }
    message.doubted(tried.doubts());
    Instant now = clock.instant();
    if (tried.asked()) {
      destinationAnswered(item.route, tried.outcomes(), now);
    }
    Instant heldUntil = Instant.ofEpochMilli(scheduler.heldUntil(item.route));
    Instant receivedAt = Instant.ofEpochMilli(message.receivedMillis());
    List<Integer> again = new ArrayList<>();
    long due = 0;
    boolean warned = true;
    for (int i = 0; i < item.recipients.length; i++) {
      Leg leg = tried.legs().get(i);
      Outcome outcome = tried.outcomes().get(i);
      RecipientState.Waiting previous =
          states[leg.recipient()] instanceof RecipientState.Waiting w
              ? w
              : new RecipientState.Waiting(item.attempts, now, false, "");
      Ledger.Decision decision =
          ledger.decide(outcome, previous, item.attempts, receivedAt, now, random);
      RecipientState state = decision.state();
      boolean last = state.isFinal() && message.ended(leg);
      states[leg.recipient()] = last || !state.isFinal() ? state : previous.done(leg.address());
      message.unsettled++;
      message.notices =
          Notice.with(
              message.notices,
              item,
              i,
              tried,
              Ledger.told(decision, leg, last && !(item.route instanceof Route.Done)),
              previous,
              schedule);
      if (state instanceof RecipientState.Waiting waiting) {
        again.add(i);
        due = Math.max(due, waiting.next().toEpochMilli());
        warned &= waiting.warned();
      }
      timeline.attempted(
          message,
          tried.envelope().get(leg.recipient()).address(),
          outcome,
          decision,
          item.attempts,
          heldUntil,
          took);
    }
    if (!again.isEmpty()) {
      Item next = item.part(again, due);
      next.deadlineMillis = deadline(message, warned);
      insert(next);
    }
  }

  /// What an attempt means for others that wait for the same destination.
  private void destinationAnswered(Route route, List<Outcome> outcomes, Instant now) {
    long millis = now.toEpochMilli();
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Delivered) {
        scheduler.answered(route, millis, true);
        return;
      }
    }
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Deferred(var scope, var cause)
          && (scope == Scope.DESTINATION || scope == Scope.HOST)) {
        destinationFailed(route, cause.text(), now);
        return;
      }
    }
    scheduler.answered(route, millis, false);
  }

  private void destinationFailed(Route route, String cause, Instant now) {
    int failures = scheduler.failed(route, now.toEpochMilli(), cause);
    scheduler.holdBack(route, now.plus(schedule.holdBack(failures)).toEpochMilli());
    for (Item overdue : scheduler.takeOverdue(route, now.toEpochMilli())) {
      begin(overdue);
      background.accept(
          () -> {
            Attempt judged = runner.judge(overdue, cause);
            return () -> finished(judged);
          });
    }
  }

  private void settle(QueuedMessage message) {
    RecipientState[] gathered = message.gathered;
    if (gathered == null || message.unsettled == 0 || message.settling) {
      return;
    }
    RecipientState[] states = gathered.clone();
    message.unsettled = 0;
    List<Integer> doubts = message.doubts;
    message.doubts = List.of();
    List<Notice> notices = message.notices;
    message.notices = List.of();
    if (notices.isEmpty()) {
      settler.settle(message.id(), states, doubts);
      tellSettled(message, states);
      return;
    }
    message.settling = true;
    settling++;
    background.accept(
        () -> {
          boolean told = settler.settle(message.id(), states, doubts, notices);
          return () -> {
            message.doubted(told ? List.of() : doubts);
            settled(message, states, told ? List.of() : notices);
          };
        });
  }

  private void settled(QueuedMessage message, RecipientState[] states, List<Notice> untold) {
    message.settling = false;
    settling--;
    if (untold.isEmpty()) {
      tellSettled(message, states);
    } else {
      untold.forEach(notice -> takeBack(message, notice, untold));
      message.unsettled++;
    }
    if (message.running == 0) {
      settle(message);
    }
    rest(message);
  }

  /// The sender could not be told: what he has to hear of must not be over, so it goes on.
  private void takeBack(QueuedMessage message, Notice notice, List<Notice> untold) {
    RecipientState[] states = message.gathered;
    if (states == null) {
      return;
    }
    Item item = notice.item();
    Instant again = clock.instant().plus(UNTOLD);
    switch (notice.what()) {
      case FAILED -> {
        // Of the others, those that are over stay so.
        Set<Mailbox> done = new LinkedHashSet<>(notice.before().done());
        done.addAll(message.over(notice.recipient()));
        untold.stream().filter(notice::isBeside).map(Notice::address).forEach(done::remove);
        done.removeAll(message.open(notice.recipient()));
        states[notice.recipient()] =
            new RecipientState.Waiting(
                item.attempts,
                again,
                true,
                notice.cause().map(Cause::text).orElse(""),
                notice.before().via(),
                List.copyOf(done));
        message.reopened(new Leg(notice.recipient(), notice.address()));
        insert(item.part(List.of(notice.leg()), again.toEpochMilli()));
      }
      case DELAYED -> {
        if (states[notice.recipient()] instanceof RecipientState.Waiting w) {
          states[notice.recipient()] =
              new RecipientState.Waiting(
                  w.attempts(), w.next(), false, w.cause(), w.via(), w.done());
        }
      }
      case DELIVERED, RELAYED, EXPANDED ->
          timeline.note("success-untold", message.id() + " " + notice.address().wire());
    }
  }

  private void tellSettled(QueuedMessage message, RecipientState[] states) {
    for (RecipientState state : states) {
      if (!state.isFinal()) {
        return;
      }
    }
    timeline.settled(message);
  }

  /// Lets go of what is only needed while something is going on.
  private void rest(QueuedMessage message) {
    if (message.running == 0 && !message.settling) {
      message.gathered = null;
      busy.remove(message.idValue());
      if (message.items == 0) {
        messages--;
      }
    }
  }

  /// Takes messages out of the queue to change something about them; those with something going on
  /// stay. To be given back by `changed`.
  ///
  /// @return those that are out
  List<Long> takeOut(List<Long> ids) {
    java.util.Set<Long> wanted = new java.util.HashSet<>(ids);
    wanted.removeAll(busy.keySet());
    java.util.Set<QueuedMessage> touched =
        java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    for (Item item : scheduler.remove(item -> wanted.contains(item.message.idValue()))) {
      touched.add(item.message);
    }
    messages -= touched.size();
    for (long id : wanted) {
      busy.put(id, new QueuedMessage(id, 0, 0));
    }
    return ids.stream().filter(wanted::contains).toList();
  }

  /// Takes a message in again.
  ///
  /// @param heldBefore recipients that were held before the change
  /// @param message as it is now; empty when it is gone
  void changed(long id, int heldBefore, Optional<StoredEnvelope> message) {
    busy.remove(id);
    held -= heldBefore;
    message.ifPresent(stored -> arrived(stored, true));
  }

  boolean isIdle() {
    return scheduler.running() == 0 && settling == 0;
  }

  QueueCounts counts() {
    return new QueueCounts(
        messages, scheduler.size(), scheduler.running(), held, scheduler.destinations());
  }
}
