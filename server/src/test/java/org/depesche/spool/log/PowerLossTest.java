package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of a spool after the power has failed: everything that was acknowledged, nothing
/// that was durably removed, no part of a settlement without the rest, and no false alarm.
@Execution(ExecutionMode.CONCURRENT)
class PowerLossTest {

  /// All outcomes of a moment are tried when they depend on so many changes or fewer.
  private static final int QUESTIONS = 5;

  /// Outcomes tried of each moment by chance.
  private static final int SAMPLES = 6;

  private static final String FIRST = Segment.name(1);

  @TempDir Path folder;
  private int segmentSize = 1 << 20;
  private int lives;
  private int outcomes;

  private LogSpool open(FaultyFiles files) {
    return SpoolHistory.open(files, folder.resolve("life" + lives++), segmentSize);
  }

  /// Goes through all answers to a series of questions whose number depends on the answers.
  private static final class EveryAnswer implements BooleanSupplier {
    private final List<Boolean> answers = new ArrayList<>();
    private int asked;
    private int most;

    @Override
    public boolean getAsBoolean() {
      if (asked == answers.size()) {
        answers.add(false);
      }
      most = Math.max(most, asked + 1);
      return answers.get(asked++);
    }

    /// Turns to the next answers; false when there are none, or too many.
    boolean next() {
      if (most > QUESTIONS) {
        return false;
      }
      while (!answers.isEmpty() && answers.getLast()) {
        answers.removeLast();
      }
      asked = 0;
      return !answers.isEmpty() && answers.set(answers.size() - 1, true) != null;
    }
  }

  /// How a disk may lose what is not durable: none of it, all, half, most of the first or the last.
  private static BooleanSupplier outcome(Random random, int kind) {
    int[] asked = {0};
    return switch (kind) {
      case 0 -> () -> false;
      case 1 -> () -> true;
      case 2 -> () -> random.nextInt(20) > 0;
      case 3 -> () -> random.nextInt(20) == 0;
      default -> {
        boolean first = random.nextBoolean();
        int turn = random.nextInt(40);
        yield () -> asked[0]++ < turn == first;
      }
    };
  }

  private void tryEveryMoment(SpoolHistory history, FaultyFiles files, int seed, int step)
      throws Exception {
    for (int moment = 0; moment <= files.moment(); moment += step) {
      Random random = new Random(seed + moment);
      EveryAnswer answers = new EveryAnswer();
      do {
        recover(history, files.powerLost(moment, answers), moment, random);
      } while (answers.next());
      for (int kind = 0; kind < SAMPLES; kind++) {
        BooleanSupplier outcome = outcome(random, kind);
        recover(history, files.powerLost(moment, outcome), moment, random);
      }
    }
  }

  /// Opens what is left, and loses the power once more, while it opens or afterwards.
  private void recover(SpoolHistory history, FaultyFiles left, int moment, Random random)
      throws Exception {
    outcomes++;
    Map<EnvelopeId, RecipientState> shown;
    int opened;
    try (LogSpool spool = open(left)) {
      opened = left.moment();
      shown = history.check(spool, moment);
    }
    int again = random.nextInt(left.moment() + 1);
    FaultyFiles left2 = left.powerLost(again, outcome(random, random.nextInt(SAMPLES)));
    try (LogSpool spool = open(left2)) {
      Map<EnvelopeId, RecipientState> shownAgain = history.check(spool, moment);
      if (again >= opened) {
        assertThat(shownAgain).isEqualTo(shown);
      }
    }
  }

  @Test
  void everyOutcomeOfAShortHistoryIsRight() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    for (int run = 0; run < 2; run++) {
      try (LogSpool spool = open(files)) {
        EnvelopeId deferred = history.commit(spool, 100);
        EnvelopeId removed = history.commit(spool, 600);
        history.defer(spool, deferred);
        history.remove(spool, removed);
        EnvelopeId failed = history.commit(spool, 10);
        history.remove(spool, failed, 900, 50);
        history.defer(spool, deferred, 700);
      }
    }

    tryEveryMoment(history, files, 1, 1);
    assertThat(outcomes).isGreaterThan(500);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void longHistoriesOverManySegmentsAreRight(int seed) throws Exception {
    Random random = new Random(seed);
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    List<EnvelopeId> there = new ArrayList<>();
    for (int run = 0; run < 3; run++) {
      try (LogSpool spool = open(files)) {
        for (int i = 0; i < 25; i++) {
          int which = there.isEmpty() ? 0 : random.nextInt(there.size());
          switch (there.isEmpty() ? 0 : random.nextInt(6)) {
            case 0, 1, 2 -> there.add(history.commit(spool, 1 << random.nextInt(20)));
            case 3 -> history.defer(spool, there.get(which));
            case 4 -> history.remove(spool, there.remove(which));
            default -> history.remove(spool, there.remove(which), 300_000, 1 << random.nextInt(10));
          }
        }
      }
    }

    tryEveryMoment(history, files, seed, 17);
  }

  /// Settlements that come one after the other share the sync of what is committed next, and are
  /// written again where that has failed.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void settlementsNobodyWaitsForAreRight(int seed) throws Exception {
    Random random = new Random(seed);
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    List<EnvelopeId> there = new ArrayList<>();
    List<CompletableFuture<Void>> soon = new ArrayList<>();
    try (LogSpool spool = open(files)) {
      for (int i = 0; i < 40; i++) {
        int which = there.isEmpty() ? 0 : random.nextInt(there.size());
        switch (there.isEmpty() ? 0 : random.nextInt(6)) {
          case 0, 1 -> {
            files.failSyncs(random.nextInt(4) == 0 ? 1 : 0);
            List<SpoolException.Kind> refused =
                refusals(List.of(() -> there.add(history.commit(spool, 1 << random.nextInt(20)))));
            assertThat(Set.copyOf(refused)).isSubsetOf(SpoolException.Kind.BROKEN);
          }
          case 2, 3 -> soon.add(history.settleSoon(spool, there.get(which), waiting(i)));
          default ->
              soon.add(
                  history.settleSoon(spool, there.remove(which), new RecipientState.Delivered()));
        }
      }
      files.heal();
      history.checkLive(spool);
      history.commit(spool, 10);
      history.settleWhatWaits();
      history.checkLive(spool);
    }
    assertThat(soon).hasSizeGreaterThan(10).allMatch(CompletableFuture::isDone);

    tryEveryMoment(history, files, seed, 3);
  }

  /// What was refused and could not be cut off is seen by every start or by none, whether the hints
  /// are still there or not.
  @Test
  void hintsHideNothingThatCouldNotBeCutOff() {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    try (LogSpool spool = open(files)) {
      history.commit(spool, 100);
      // Written, and then neither synced nor cut off.
      files.fail(files.attempts() + 1, 2);
      assertThat(refusals(List.of(() -> history.commit(spool, 200)))).hasSize(1);
      files.heal();
      history.commit(spool, 300);
    }
    Map<String, byte[]> left = files.content();
    Map<String, byte[]> withoutHints = new HashMap<>(left);
    withoutHints.keySet().removeIf(name -> name.endsWith(".hint"));

    assertThat(withoutHints).hasSizeLessThan(left.size());
    assertThat(shown(left)).isEqualTo(shown(withoutHints));
  }

  private Set<EnvelopeId> shown(Map<String, byte[]> left) {
    try (LogSpool spool = open(new FaultyFiles(left))) {
      return SpoolHistory.shown(spool).keySet();
    }
  }

  private static RecipientState waiting(int attempts) {
    return new RecipientState.Waiting(attempts, SpoolContract.RECEIVED, false, "no");
  }

  @Test
  void compactionLosesNothingAtAnyMoment() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    segmentSize = 2 << 20;
    try (LogSpool spool = open(files)) {
      EnvelopeId small = history.commit(spool, 300);
      EnvelopeId big = history.commit(spool, 300_000);
      history.defer(spool, small);
      for (int i = 0; i < 7; i++) {
        history.remove(spool, history.commit(spool, 250_000));
      }
      history.commit(spool, 900_000);
      // One of the moved messages has its end before its old place is free, one after that.
      SpoolWait.until(() -> files.content().keySet().stream().noneMatch(FIRST::equals));
      history.remove(spool, big);
      history.commit(spool, 900_000);
      history.defer(spool, small);
    }

    tryEveryMoment(history, files, 5, 9);
  }

  /// A killed process has written what it could not sync any more. Once that has been built upon,
  /// it must not go with the power.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void whatASuccessorFoundStays(int seed) throws Exception {
    Random random = new Random(seed);
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    for (int run = 0; run < 4; run++) {
      LogSpool spool = open(files);
      EnvelopeId id = history.commit(spool, 1 << random.nextInt(20));
      files.fail(files.attempts() + random.nextInt(6), 1_000);
      try {
        history.remove(spool, id, 500);
      } catch (SpoolException e) {
        // As if it had been killed before the answer.
      }
      files.kill();
      try (LogSpool successor = open(files)) {
        Map<EnvelopeId, RecipientState> found = history.check(successor, files.moment());
        FaultyFiles left = files.powerLost(files.moment(), outcome(random, run));
        try (LogSpool again = open(left)) {
          assertThat(history.check(again, files.moment())).isEqualTo(found);
        }
      }
      spool.close();
    }
  }

  /// One change of the disk fails, or some, or all from one on; each in turn. Whatever is refused,
  /// the rest holds, and when the disk works again so does the spool.
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 1_000_000})
  void anyFailureOfTheDiskIsSurvived(long failures) throws Exception {
    long changes = failing(1_000_000, 1);
    assertThat(changes).isGreaterThan(40);
    for (int after = 0; after < changes; after++) {
      failing(after, failures);
    }
  }

  private long failing(int after, long failures) throws Exception {
    FaultyFiles files = new FaultyFiles();
    files.fail(after, failures);
    SpoolHistory history = new SpoolHistory(files);
    long attempts;
    try (LogSpool spool = open(files)) {
      List<SpoolException.Kind> refusals = refusals(scenario(history, spool));
      attempts = files.attempts();
      assertThat(refusals).hasSizeLessThanOrEqualTo((int) Math.min(failures, 100));
      assertThat(Set.copyOf(refusals)).isSubsetOf(SpoolException.Kind.BROKEN);
      files.heal();
      history.checkLive(spool);
      history.commit(spool, 100);
      history.settleWhatWaits();
      history.checkLive(spool);
    }
    Random random = new Random(after);
    BooleanSupplier outcome = outcome(random, after % SAMPLES);
    recover(history, files.powerLost(files.moment(), outcome), files.moment(), random);
    return attempts;
  }

  private static List<SpoolException.Kind> refusals(List<Runnable> steps) {
    List<SpoolException.Kind> refusals = new ArrayList<>();
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (SpoolException e) {
        refusals.add(e.kind());
      }
    }
    return refusals;
  }

  /// Each step may be refused; those after it that need it do nothing then.
  private static List<Runnable> scenario(SpoolHistory history, LogSpool spool) {
    List<EnvelopeId> ids = new ArrayList<>();
    List<Runnable> steps = new ArrayList<>();
    for (int size : new int[] {100, 300_000, 700_000, 2_000, 600_000}) {
      steps.add(() -> ids.add(history.commit(spool, size)));
    }
    steps.add(() -> settle(ids, id -> history.defer(spool, id)));
    steps.add(() -> settle(ids, id -> history.defer(spool, id, 400)));
    steps.add(() -> settle(ids, id -> history.remove(spool, id, 300_000)));
    steps.add(() -> ids.add(history.commit(spool, 700_000)));
    steps.add(() -> settle(ids, id -> history.defer(spool, id)));
    steps.add(() -> settle(ids, id -> history.remove(spool, id)));
    return steps;
  }

  private static void settle(List<EnvelopeId> ids, Consumer<EnvelopeId> each) {
    List<EnvelopeId> taken = List.copyOf(ids);
    if (!taken.isEmpty()) {
      each.accept(taken.getFirst());
      ids.add(ids.removeFirst());
    }
  }

  @Test
  void aFullDiskRefusesAndWorksAgainWhenThereIsSpace() throws Exception {
    for (long space = 0; space < 2_000_000; space += 50_001) {
      FaultyFiles files = new FaultyFiles();
      SpoolHistory history = new SpoolHistory(files);
      try (LogSpool spool = open(files)) {
        files.space(space);
        assertThat(refusals(scenario(history, spool)))
            .isNotEmpty()
            .containsOnly(SpoolException.Kind.FULL);
        history.checkLive(spool);
        files.heal();
        history.commit(spool, 700_000);
        history.settleWhatWaits();
        history.checkLive(spool);
      }
      Random random = new Random(space);
      FaultyFiles left = files.powerLost(files.moment(), outcome(random, 4));
      // It is full again, which is no reason not to start.
      left.space(0);
      recover(history, left, files.moment(), random);
    }
  }

  @Test
  void aFailedSyncIsNeverTakenForSuccess() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    int failed = 0;
    try (LogSpool spool = open(files)) {
      for (int i = 0; i < 60; i++) {
        files.failSyncs(i % 7 == 3 ? 1 : 0);
        try {
          history.commit(spool, 100 + i * 5_000);
        } catch (SpoolException e) {
          assertThat(e.kind()).isEqualTo(SpoolException.Kind.BROKEN);
          failed++;
        }
      }
      history.checkLive(spool);
    }
    assertThat(failed).isEqualTo(9);
    Random random = new Random(1);
    for (int moment = 0; moment <= files.moment(); moment += 3) {
      recover(history, files.powerLost(moment, outcome(random, moment % SAMPLES)), moment, random);
    }
  }

  /// A second sync of the same file would say yes to what the first has lost.
  @Test
  void aSegmentWhoseSyncFailedIsGivenUp() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    try (LogSpool spool = open(files)) {
      history.commit(spool, 100);
      int good = files.content().getOrDefault(FIRST, new byte[0]).length;
      files.failSyncs(1);
      assertThat(refusals(List.of(() -> history.commit(spool, 5_000)))).hasSize(1);
      history.commit(spool, 200);

      assertThat(files.content()).containsKeys(FIRST, Segment.name(2));
      assertThat(files.content().get(FIRST))
          .as("cut where it was synced, and sealed")
          .hasSize(good + LogRecord.size(0));
      history.checkLive(spool);
    }
  }

  /// A segment with removals goes only when those before it are gone for good. What fails is a
  /// deletion, a sync of the folder, or, as both have threads of their own, the removal itself.
  @Test
  void deletionsThatFailBringNothingBack() throws Exception {
    int refused = 0;
    for (int after = 0; after < 8; after++) {
      FaultyFiles files = new FaultyFiles();
      SpoolHistory history = new SpoolHistory(files);
      try (LogSpool spool = open(files)) {
        EnvelopeId first = history.commit(spool, 600_000);
        EnvelopeId second = history.commit(spool, 900_000);
        history.commit(spool, 900_000);
        history.remove(spool, first);
        files.fail(files.attempts() + after, 2);
        refused += refusals(List.of(() -> history.remove(spool, second))).size();
        SpoolWait.until(() -> !files.content().containsKey(FIRST));
        files.heal();
        history.checkLive(spool);
      }
      Random random = new Random(after);
      for (int kind = 0; kind < SAMPLES; kind++) {
        FaultyFiles left = files.powerLost(files.moment(), outcome(random, kind));
        recover(history, left, files.moment(), random);
      }
    }
    assertThat(refused).isLessThan(8);
  }
}
