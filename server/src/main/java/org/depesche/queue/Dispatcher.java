package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.delivery.Transport;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Recipient;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.StoredEnvelope;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.MailEvent;
import org.jspecify.annotations.Nullable;

/// Runs the queue: takes what the spool has committed, starts attempts when they are due, and
/// settles their outcomes.
///
/// # Concurrency
///
/// One thread owns scheduler and messages; everything it has to know comes through the inbox:
/// commits, finished attempts, questions of operators. Attempts run on the executor and touch
/// nothing but spool, router and transport. `turn` is one round of that thread and never blocks, so
/// that a simulation can be that thread.
///
/// # Durability
///
/// The queue hears of mail from the spool only, at the start by a scan and later by commit events.
/// Outcomes are gathered per message and written as one settlement when none of its attempts is
/// running any more, or when many have gathered; a crash before that repeats attempts, it loses
/// nothing.
public final class Dispatcher {

  /// Outcomes of one message that are gathered before they are written although attempts are still
  /// running. A message to many recipients would otherwise be settled once for each, with all
  /// states each time.
  private static final int MOST_UNSETTLED = 256;

  /// Longest sleep without a wake-up call; a wake-up is never missed, this only bounds the damage
  /// of a clock that jumped.
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

  private sealed interface Signal {
    record Arrived(StoredEnvelope envelope) implements Signal {}

    record Finished(Attempt attempt) implements Signal {}

    record Asked(Runnable question) implements Signal {}
  }

  private final Spool spool;
  private final Router router;
  private final AttemptRunner runner;
  private final EventSink events;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Executor executor;
  private final LinkedBlockingQueue<Signal> inbox = new LinkedBlockingQueue<>();
  private final Scheduler scheduler;
  private final RetrySchedule schedule;
  private final Ledger ledger;
  private long messages;
  private long held;
  private boolean stopping;

  /// @param executor runs an attempt each; must not run it on the calling thread unless nothing
  ///   else does anything
  public Dispatcher(
      QueueSettings settings,
      Spool spool,
      Router router,
      Transport transport,
      EventSink events,
      InstantSource clock,
      RandomGenerator random,
      Executor executor) {
    this.spool = spool;
    this.router = router;
    this.runner = new AttemptRunner(spool, router, transport, clock);
    this.events = events;
    this.clock = clock;
    this.random = random;
    this.executor = executor;
    this.scheduler = new Scheduler(settings.perDestination(), settings.total());
    this.schedule = settings.schedule();
    this.ledger = new Ledger(settings.schedule());
  }

  /// Takes in what the spool holds and listens to what it will commit. Once, before the first
  /// `turn` and before the first message can be committed.
  public void load() {
    spool.scan(this::arrived);
    spool.onCommit(envelope -> inbox.add(new Signal.Arrived(envelope)));
  }

  /// Runs until `stop`, on the calling thread.
  public void run() throws InterruptedException {
    while (!stopping || scheduler.running() > 0) {
      long wait =
          turn()
              .map(d -> Math.min(d.toMillis(), LONGEST_SLEEP.toMillis()))
              .orElse(LONGEST_SLEEP.toMillis());
      Signal signal = wait <= 0 ? inbox.poll() : inbox.poll(wait, TimeUnit.MILLISECONDS);
      if (signal != null) {
        handle(signal);
      }
    }
  }

  /// One round: hears what has come, starts what is due.
  ///
  /// @return how long nothing will be due; empty when there is nothing to wait for
  public Optional<Duration> turn() {
    for (Signal signal = inbox.poll(); signal != null; signal = inbox.poll()) {
      handle(signal);
    }
    long now = clock.millis();
    if (stopping) {
      return Optional.empty();
    }
    for (Item item : scheduler.takeDue(now, Integer.MAX_VALUE)) {
      start(item);
    }
    OptionalLong wake = scheduler.nextWake();
    return wake.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.max(0, wake.getAsLong() - clock.millis())));
  }

  /// Starts nothing any more; `run` returns when the attempts that are running have ended.
  public void stop() {
    inbox.add(new Signal.Asked(() -> stopping = true));
  }

  /// Asks something of the thread that owns the queue.
  <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    inbox.add(
        new Signal.Asked(
            () -> {
              try {
                answer.complete(question.get());
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            }));
    return answer;
  }

  /// What waits, at most `most` recipients' items, the soonest first.
  public CompletableFuture<List<QueueEntry>> entries(int most) {
    return ask(() -> QueueEntry.soonest(scheduler, most));
  }

  /// What of one message waits or runs.
  public CompletableFuture<List<QueueEntry>> entries(EnvelopeId id) {
    return ask(() -> QueueEntry.of(scheduler, id));
  }

  public CompletableFuture<QueueCounts> counts() {
    return ask(
        () ->
            new QueueCounts(
                messages, scheduler.size(), scheduler.running(), held, scheduler.destinations()));
  }

  private void handle(Signal signal) {
    switch (signal) {
      case Signal.Arrived(var envelope) -> arrived(envelope);
      case Signal.Finished(var attempt) -> finished(attempt);
      case Signal.Asked(var question) -> question.run();
    }
  }

  private void arrived(StoredEnvelope stored) {
    Map<Integer, Recipient> waiting = new TreeMap<>();
    List<RecipientState> states = stored.states();
    for (int i = 0; i < states.size(); i++) {
      switch (states.get(i)) {
        case RecipientState.Waiting _ -> waiting.put(i, stored.envelope().recipients().get(i));
        case RecipientState.Held _ -> held++;
        case RecipientState.Delivered _, RecipientState.Failed _, RecipientState.Removed _ -> {}
      }
    }
    if (waiting.isEmpty()) {
      return;
    }
    Map<Route, List<Integer>> plan = router.plan(waiting);
    QueuedMessage message =
        new QueuedMessage(
            stored.id().value(),
            stored.receivedAt().toEpochMilli(),
            openRoutes(plan, states.size()));
    messages++;
    plan.forEach(
        (route, recipients) -> {
          int attempts = 0;
          long due = 0;
          for (int index : recipients) {
            if (states.get(index) instanceof RecipientState.Waiting(int made, Instant next, _, _)) {
              attempts = Math.max(attempts, made);
              due = Math.max(due, made == 0 ? 0 : next.toEpochMilli());
            }
            tellRoute(message, stored.envelope().recipients().get(index), route);
          }
          insert(new Item(message, route, toArray(recipients), attempts, due));
        });
  }

  /// Null when every recipient has one route, which is nearly always so.
  private static short @Nullable [] openRoutes(Map<Route, List<Integer>> plan, int recipients) {
    short[] open = new short[recipients];
    boolean several = false;
    for (List<Integer> served : plan.values()) {
      for (int index : served) {
        several |= open[index]++ > 0;
      }
    }
    return several ? open : null;
  }

  /// A route is worth telling when it is not simply the recipient's own mailbox.
  private void tellRoute(QueuedMessage message, Recipient recipient, Route route) {
    if (!(route instanceof Route.Local(var account) && account.equals(recipient.address()))) {
      events.emit(
          new MailEvent.Routed(
              clock.instant(), message.id(), recipient.address().wire(), route.toString()));
    }
  }

  private void insert(Item item) {
    item.message.items++;
    scheduler.insert(item);
  }

  private void start(Item item) {
    item.message.running++;
    executor.execute(() -> inbox.add(new Signal.Finished(runner.run(item))));
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
      // An operator or an earlier settlement has ended it.
      case Attempt.Gone _ -> message.unsettled = 0;
    }
    if (message.running == 0 || message.unsettled >= MOST_UNSETTLED) {
      settle(message);
    }
    if (message.items == 0) {
      messages--;
    }
  }

  private void rerouted(Item item, Attempt.Rerouted rerouted) {
    for (int index : item.recipients) {
      int routes = 0;
      for (List<Integer> served : rerouted.plan().values()) {
        routes += served.contains(index) ? 1 : 0;
      }
      item.message.routeReplaced(index, routes, rerouted.recipients().size());
    }
    rerouted
        .plan()
        .forEach(
            (route, served) -> {
              for (int index : served) {
                tellRoute(item.message, rerouted.recipients().get(index), route);
              }
              insert(new Item(item.message, route, toArray(served), item.attempts, clock.millis()));
            });
  }

  /// What the spool cannot read it cannot settle either: the item waits in memory, and a restart
  /// finds it as it was.
  private void unreadable(Item item, String cause) {
    Instant now = clock.instant();
    Instant receivedAt = Instant.ofEpochMilli(item.message.receivedMillis());
    item.attempts++;
    Optional<Instant> next = schedule.next(item.attempts, receivedAt, now, random);
    next.ifPresentOrElse(
        at ->
            insert(
                new Item(
                    item.message, item.route, item.recipients, item.attempts, at.toEpochMilli())),
        () -> held += item.recipients.length);
    events.emit(
        new MailEvent.Waiting(
            now,
            item.message.id(),
            item.route.toString(),
            next.isPresent() ? "retry" : "hold",
            cause,
            item.attempts,
            next.orElse(Instant.MAX)));
  }

  private void tried(Item item, Attempt.Tried tried, Duration took) {
    QueuedMessage message = item.message;
    RecipientState[] states = message.gathered;
    if (states == null) {
      states = tried.states().toArray(RecipientState[]::new);
      message.gathered = states;
    }
    item.attempts++;
    Instant now = clock.instant();
    Instant receivedAt = Instant.ofEpochMilli(message.receivedMillis());
    List<Integer> again = new ArrayList<>();
    long due = 0;
    for (int i = 0; i < item.recipients.length; i++) {
      int index = item.recipients[i];
      Outcome outcome = tried.outcomes().get(i);
      RecipientState state = ledger.decide(outcome, item.attempts, receivedAt, now, random);
      if (!(state instanceof RecipientState.Delivered) || message.routeDone(index)) {
        states[index] = state;
        message.unsettled++;
      }
      if (state instanceof RecipientState.Waiting waiting) {
        again.add(index);
        due = Math.max(due, waiting.next().toEpochMilli());
      } else if (state instanceof RecipientState.Held) {
        held++;
      }
      tell(message, tried.addresses().get(i), outcome, state, item.attempts, took, now);
    }
    if (!again.isEmpty()) {
      insert(new Item(message, item.route, toArray(again), item.attempts, due));
    }
    holdBack(item.route, tried.outcomes(), now);
  }

  /// What an outcome means for others that wait for the same destination.
  private void holdBack(Route route, List<Outcome> outcomes, Instant now) {
    for (Outcome outcome : outcomes) {
      switch (outcome) {
        case Outcome.Delivered _ -> {
          scheduler.succeeded(route);
          return;
        }
        case Outcome.Deferred(var scope, _)
            when scope == Scope.DESTINATION || scope == Scope.HOST -> {
          int failures = scheduler.failed(route, now.toEpochMilli());
          int index = Math.min(failures, schedule.waits().size()) - 1;
          scheduler.holdBack(route, now.plus(schedule.waits().get(index)).toEpochMilli());
          return;
        }
        case Outcome.Deferred _, Outcome.Failed _ -> {}
      }
    }
  }

  private void tell(
      QueuedMessage message,
      String address,
      Outcome outcome,
      RecipientState state,
      int attempt,
      Duration took,
      Instant now) {
    Duration delay = Duration.ofMillis(now.toEpochMilli() - message.receivedMillis());
    switch (outcome) {
      case Outcome.Delivered(var to, var reply) ->
          events.emit(
              new MailEvent.Delivered(now, message.id(), address, to, attempt, delay, took, reply));
      case Outcome.Deferred(_, var cause) ->
          tellWaiting(message, address, cause, state, attempt, now);
      case Outcome.Failed(var cause) -> tellWaiting(message, address, cause, state, attempt, now);
    }
  }

  private void tellWaiting(
      QueuedMessage message,
      String address,
      String cause,
      RecipientState state,
      int attempt,
      Instant now) {
    if (state instanceof RecipientState.Waiting waiting) {
      events.emit(
          new MailEvent.Waiting(
              now, message.id(), address, "retry", cause, attempt, waiting.next()));
    } else {
      events.emit(
          new MailEvent.Waiting(
              now,
              message.id(),
              address,
              "hold",
              "given up, kept for the operator: " + cause,
              attempt,
              Instant.MAX));
    }
  }

  private void settle(QueuedMessage message) {
    RecipientState[] states = message.gathered;
    if (states != null && message.unsettled > 0) {
      EnvelopeId id = message.id();
      var _ =
          spool
              .settle(new Settlement(id, Arrays.asList(states), List.of()))
              .whenComplete((_, trouble) -> tellUnsettled(id, trouble));
      message.unsettled = 0;
      if (Arrays.stream(states).allMatch(RecipientState::isFinal)) {
        Instant now = clock.instant();
        events.emit(
            new MailEvent.Settled(
                now,
                message.id(),
                Duration.ofMillis(now.toEpochMilli() - message.receivedMillis())));
      }
    }
    if (message.running == 0) {
      message.gathered = null;
    }
  }

  /// An outcome that is not on disk is forgotten by the next restart, which then delivers again.
  private void tellUnsettled(EnvelopeId id, @Nullable Throwable trouble) {
    if (trouble != null) {
      events.emit(
          new MailEvent.Noted(clock.instant(), "unsettled", id + ": " + trouble.getMessage()));
    }
  }

  private static int[] toArray(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
