package org.depesche.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.depesche.delivery.Transport;
import org.depesche.mail.EnvelopeId;
import org.depesche.routing.Route;
import org.depesche.routing.Router;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Spool;
import org.depesche.spool.StoredEnvelope;
import org.depesche.telemetry.EventSink;

/// Runs the queue: takes what the spool has committed, starts attempts when they are due, and
/// settles their outcomes.
///
/// # Concurrency
///
/// One thread owns scheduler and deliveries; everything it has to know comes through the inbox:
/// commits, finished attempts, questions of operators. Attempts run on the executor and touch
/// nothing but spool, router and transport. `turn` is one round of that thread and never blocks, so
/// that a simulation can be that thread.
///
/// The queue hears of mail from the spool only, at the start by a scan and later by commit events.
public final class Dispatcher {

  /// Longest sleep without a wake-up call; a wake-up is never missed, this only bounds the damage
  /// of a clock that jumped.
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

  /// How often destinations that have nothing to do are forgotten.
  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);

  /// A step back by more than this is somebody who sets the clock.
  private static final Duration CLOCK_SET_BACK = Duration.ofMinutes(1);

  private sealed interface Signal {
    record Arrived(StoredEnvelope envelope) implements Signal {}

    record Task(Runnable what) implements Signal {}
  }

  /// A message an operator has taken out, to be removed for good.
  private record Discard(Instant until, EnvelopeId id) implements Comparable<Discard> {

    @Override
    public int compareTo(Discard other) {
      int byTime = until.compareTo(other.until);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  private final Spool spool;
  private final Intents intents;
  private final InstantSource clock;
  private final Executor executor;
  private final LinkedBlockingQueue<Signal> inbox = new LinkedBlockingQueue<>();
  private final Scheduler scheduler;
  private final Deliveries deliveries;
  private final Alteration alteration;
  private final PriorityQueue<Discard> discards = new PriorityQueue<>();
  private long forgetAt;
  private long turnedAt;
  private boolean stopping;

  /// @param executor runs an attempt each; must not run it on the calling thread unless nothing
  ///   else does anything
  public Dispatcher(
      QueueSettings settings,
      Spool spool,
      Router router,
      Transport transport,
      Notifications notifications,
      Intents intents,
      EventSink events,
      InstantSource clock,
      RandomGenerator random,
      Executor executor) {
    this.spool = spool;
    this.clock = clock;
    this.executor = executor;
    this.scheduler =
        new Scheduler(settings.concurrency(), settings.mailboxes(), settings.servers());
    this.intents = intents;
    Settler settler = new Settler(spool, notifications, intents, events, clock);
    this.deliveries =
        new Deliveries(
            scheduler,
            settings.schedule(),
            router,
            new AttemptRunner(spool, router, transport, intents, clock),
            settler,
            intents,
            new Timeline(events, clock),
            clock,
            random,
            this::inBackground);
    this.alteration = new Alteration(spool, settler);
  }

  /// Takes in what the spool holds and listens to what it will commit. Once, before the first
  /// `turn` and before the first message can be committed.
  public void load() {
    spool.scan(stored -> arrived(stored, false));
    intents.forgetRest();
    spool.onCommit(envelope -> inbox.add(new Signal.Arrived(envelope)));
  }

  /// Runs until `stop`, on the calling thread.
  public void run() throws InterruptedException {
    while (true) {
      Optional<Duration> due = turn();
      // Asked behind the turn: what ends the run may have been heard in it, and nothing follows.
      if (stopping && deliveries.isIdle()) {
        return;
      }
      long wait =
          due.map(d -> Math.min(d.toMillis(), LONGEST_SLEEP.toMillis()))
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
    if (stopping) {
      return Optional.empty();
    }
    long now = clock.millis();
    if (now < turnedAt - CLOCK_SET_BACK.toMillis()) {
      deliveries.clockSetBack(now);
      forgetAt = now;
    }
    turnedAt = now;
    if (now >= forgetAt) {
      forgetAt = now + FORGET_EVERY.toMillis();
      scheduler.forgetIdle(now);
    }
    removeDiscarded();
    deliveries.startDue(now);
    return nextWake();
  }

  private Optional<Duration> nextWake() {
    OptionalLong due = scheduler.nextWake();
    long wake = due.orElse(Long.MAX_VALUE);
    Discard first = discards.peek();
    if (first != null) {
      wake = Math.min(wake, first.until().toEpochMilli());
    }
    return wake == Long.MAX_VALUE
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.max(0, wake - clock.millis())));
  }

  /// Starts nothing any more; `run` returns when what is running has ended.
  public void stop() {
    inbox.add(new Signal.Task(() -> stopping = true));
  }

  /// Asks something of the thread that owns the queue.
  private <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    inbox.add(
        new Signal.Task(
            () -> {
              try {
                answer.complete(question.get());
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            }));
    return answer;
  }

  /// What waits, at most `most` entries, the soonest first.
  public CompletableFuture<List<QueueEntry>> entries(int most) {
    return ask(() -> QueueEntry.soonest(scheduler, most));
  }

  /// What of some messages waits.
  public CompletableFuture<List<QueueEntry>> entries(Set<EnvelopeId> ids) {
    return ask(() -> QueueEntry.of(scheduler, ids));
  }

  public CompletableFuture<QueueCounts> counts() {
    return ask(deliveries::counts);
  }

  /// Says which destinations an operator has stopped.
  public CompletableFuture<Void> suspend(Predicate<Route> which) {
    return ask(
        () -> {
          scheduler.suspend(which);
          return null;
        });
  }

  /// Does something to messages, for an operator.
  ///
  /// @param ids at most some hundred: they are out of the queue meanwhile
  /// @return what came of it
  public CompletableFuture<Altered> alter(List<EnvelopeId> ids, Verb verb, Selection selection) {
    CompletableFuture<Altered> answer = new CompletableFuture<>();
    inbox.add(
        new Signal.Task(
            () -> {
              List<Long> out = deliveries.takeOut(ids.stream().map(EnvelopeId::value).toList());
              int busy = ids.size() - out.size();
              inBackground(
                  () -> {
                    Alteration.Result result =
                        alteration.run(out, verb, selection, clock.instant());
                    return () -> {
                      altered(result, verb);
                      answer.complete(result.altered().plusBusy(busy));
                    };
                  });
            }));
    return answer;
  }

  private void altered(Alteration.Result result, Verb verb) {
    for (Alteration.Done done : result.done()) {
      deliveries.changed(done.id(), done.heldBefore(), done.message());
      done.message().ifPresent(this::noteDiscards);
    }
    if (verb instanceof Verb.Retry) {
      scheduler.forgiveAll(
          QueueEntry.routes(scheduler, result.done().stream().map(Alteration.Done::id).toList()));
    }
  }

  private void removeDiscarded() {
    Instant now = clock.instant();
    while (!discards.isEmpty() && !discards.element().until().isAfter(now)) {
      EnvelopeId id = discards.remove().id();
      // Completed on this thread.
      var _ =
          alter(List.of(id), new Verb.Purge(), Selection.ALL)
              .thenAccept(
                  altered -> {
                    if (altered.busy() > 0) {
                      discards.add(new Discard(now.plus(Duration.ofMinutes(1)), id));
                    }
                  });
    }
  }

  /// Runs a part on a thread of its own, and what it answers on the queue's.
  private void inBackground(Supplier<Runnable> part) {
    executor.execute(() -> inbox.add(new Signal.Task(part.get())));
  }

  private void handle(Signal signal) {
    switch (signal) {
      case Signal.Arrived(var envelope) -> arrived(envelope, true);
      case Signal.Task(var what) -> what.run();
    }
  }

  private void arrived(StoredEnvelope stored, boolean tell) {
    deliveries.arrived(stored, tell);
    noteDiscards(stored);
  }

  private void noteDiscards(StoredEnvelope stored) {
    stored.states().stream()
        .filter(RecipientState.Discarded.class::isInstance)
        .map(RecipientState.Discarded.class::cast)
        .map(RecipientState.Discarded::until)
        .min(Comparator.naturalOrder())
        .ifPresent(until -> discards.add(new Discard(until, stored.id())));
  }
}
