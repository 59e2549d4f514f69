package org.depesche.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.depesche.mail.Reply;

/// What came of the messages of a run. Used by many threads.
public final class LoadTally {

  /// Most causes and replies told apart; what comes later is one of the last kind.
  static final int MAX_KINDS = 100;

  private static final String OTHER = "other";
  private static final double NANOS_PER_SECOND = 1e9;

  /// How it goes so far.
  ///
  /// @param messages accepted, those for warming up among them
  /// @param p50Ms the median of `Measure.WHOLE`
  public record Progress(long messages, int inFlight, long failed, double p50Ms, double p99Ms) {}

  private record Place(String stage, int code) {}

  private final Map<Measure, Latencies> latencies =
      new EnumMap<>(
          Stream.of(Measure.values())
              .collect(Collectors.toMap(Function.identity(), _ -> new Latencies())));
  private final Map<Place, LoadResult.Refusal> refusals = new HashMap<>();
  private final Map<String, Long> troubles = new HashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private long from;
  private long to;
  private long messages;
  private long recipients;
  private long bytes;
  private long warmUp;
  private long failed;
  private long connections;

  void measured(Measure what, long nanos) {
    latencyOf(what).add(nanos);
  }

  private Latencies latencyOf(Measure what) {
    return Objects.requireNonNull(latencies.get(what));
  }

  void begun() {
    inFlight.incrementAndGet();
  }

  void ended() {
    inFlight.decrementAndGet();
  }

  synchronized void connected() {
    connections++;
  }

  synchronized long connections() {
    return connections;
  }

  /// A message was accepted for some recipients.
  ///
  /// @param now by the ticker of the schedule
  void accepted(Schedule.Turn turn, int to, long size, long transaction, long now) {
    count(turn, to, size, now);
    if (turn.counted()) {
      measured(Measure.TRANSACTION, transaction);
      measured(Measure.WHOLE, now - turn.dueAt());
    }
  }

  private synchronized void count(Schedule.Turn turn, int accepted, long size, long now) {
    if (!turn.counted()) {
      warmUp++;
      return;
    }
    from = messages == 0 || turn.dueAt() - from < 0 ? turn.dueAt() : from;
    to = messages == 0 || now - to > 0 ? now : to;
    messages++;
    recipients += accepted;
    bytes += size;
  }

  /// A message was not accepted for everybody.
  synchronized void failed() {
    failed++;
  }

  synchronized void refused(String stage, Reply reply) {
    Place place = new Place(stage, reply.code());
    if (!refusals.containsKey(place) && refusals.size() >= MAX_KINDS) {
      place = new Place(OTHER, 0);
    }
    refusals.merge(
        place,
        new LoadResult.Refusal(place.stage(), place.code(), 1, reply.toString()),
        (old, _) -> new LoadResult.Refusal(old.stage(), old.code(), old.count() + 1, old.reply()));
  }

  synchronized void trouble(String cause) {
    boolean known = troubles.containsKey(cause) || troubles.size() < MAX_KINDS;
    troubles.merge(known ? cause : OTHER, 1L, Long::sum);
  }

  public synchronized Progress progress() {
    Latencies whole = latencyOf(Measure.WHOLE);
    return new Progress(messages + warmUp, inFlight.get(), failed, whole.at(50), whole.at(99));
  }

  synchronized LoadResult result() {
    double seconds = messages == 0 ? 0 : (to - from) / NANOS_PER_SECOND;
    Map<String, Latency> all = new LinkedHashMap<>();
    for (Measure measure : Measure.values()) {
      Latency latency = latencyOf(measure).summary();
      if (latency.count() > 0) {
        all.put(measure.toString(), latency);
      }
    }
    List<LoadResult.Refusal> replies = new ArrayList<>(refusals.values());
    replies.sort(Comparator.comparingLong(LoadResult.Refusal::count).reversed());
    List<LoadResult.Trouble> causes = new ArrayList<>();
    troubles.forEach((cause, count) -> causes.add(new LoadResult.Trouble(cause, count)));
    causes.sort(Comparator.comparingLong(LoadResult.Trouble::count).reversed());
    return new LoadResult(
        messages,
        recipients,
        bytes,
        seconds,
        LoadResult.perSecond((double) messages, seconds),
        LoadResult.perSecond(LoadResult.mebibytes(bytes), seconds),
        warmUp,
        failed,
        connections,
        all,
        replies,
        causes);
  }
}
