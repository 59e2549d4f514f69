package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSpoolTest implements SpoolContract {

  private static final int SEGMENT = 1 << 20;

  @TempDir Path folder;
  private LogSpool spool;

  private LogSpool open() {
    return LogSpool.open(
        new LogSpoolSettings(folder, SEGMENT, 0, Duration.ofSeconds(30)),
        InstantSource.system(),
        Ticker.system());
  }

  @BeforeEach
  void start() {
    spool = open();
  }

  @AfterEach
  void stop() {
    spool.close();
  }

  private void restart() {
    spool.close();
    spool = open();
  }

  private void restartWithoutHints() throws IOException {
    spool.close();
    try (var files = Files.list(folder)) {
      for (Path hint : files.filter(f -> f.toString().endsWith(".hint")).toList()) {
        Files.delete(hint);
      }
    }
    spool = open();
  }

  private static void deliver(Spool spool, EnvelopeId id) {
    settle(spool, id).join();
  }

  private static CompletableFuture<Void> settle(Spool spool, EnvelopeId id) {
    return spool.settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of()));
  }

  @Override
  public Spool spool() {
    return spool;
  }

  @Test
  void hasAfterARestartWhatItHadBefore() throws Exception {
    EnvelopeId small = SpoolContract.commit(spool, SpoolContract.envelope("a", "b"), new byte[100]);
    byte[] content = new byte[900_000];
    new java.util.Random(5).nextBytes(content);
    EnvelopeId big = SpoolContract.commit(spool, SpoolContract.envelope("a"), content);
    EnvelopeId gone = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[100]);
    List<RecipientState> states = List.of(new RecipientState.Delivered(), SpoolContract.waiting(2));
    spool.settle(new Settlement(small, states, List.of())).join();
    deliver(spool, gone);

    restart();

    assertThat(SpoolContract.ids(spool)).containsExactlyInAnyOrder(small, big);
    try (StoredMessage message = spool.open(small).orElseThrow()) {
      assertThat(message.envelope().states()).isEqualTo(states);
    }
    try (StoredMessage message = spool.open(big).orElseThrow()) {
      assertThat(SpoolContract.bytes(message.content())).isEqualTo(content);
    }
    assertThat(spool.damages()).isEmpty();
  }

  @Test
  void givesNoNameTwiceOverRestarts() {
    Set<EnvelopeId> seen = new HashSet<>();
    for (int run = 0; run < 3; run++) {
      for (int i = 0; i < 10; i++) {
        assertThat(seen.add(SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[1])))
            .isTrue();
      }
      restart();
    }
  }

  @Test
  void keepsASecondProcessOut() {
    assertThatThrownBy(this::open)
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("locked");
  }

  @Test
  void refusesTheFormatOfALaterVersion() throws Exception {
    spool.close();
    Files.writeString(folder.resolve("format"), "depesche-spool 2\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("depesche-spool 2");
  }

  @Test
  void cutsATornTail() throws Exception {
    EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[1000]);
    spool.close();
    Path segment = segments().getLast();
    byte[] bytes = Files.readAllBytes(segment);
    int end = bytes.length - LogRecord.size(0);
    byte[] torn = java.util.Arrays.copyOf(bytes, end + 500);
    System.arraycopy(bytes, Segment.HEADER, torn, end, 500);
    Files.write(segment, torn);
    Files.delete(folder.resolve(Segment.hintName(1)));

    spool = open();

    assertThat(SpoolContract.ids(spool)).containsExactly(id);
    assertThat(spool.damages()).isEmpty();
    assertThat(Files.size(segment)).isEqualTo(bytes.length);
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
    }
  }

  private SpoolVerifier.Report verified() throws IOException {
    spool.close();
    return SpoolVerifier.verify(folder);
  }

  @Test
  void tellsOfDamageWhenAMessageIsOpened() throws Exception {
    EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[4000]);
    Path segment = segments().getLast();
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length - 100] ^= 1;
    Files.write(segment, bytes);

    assertThatThrownBy(() -> spool.open(id))
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("damaged");
    assertThat(spool.damages()).hasSize(1);
  }

  /// Its envelope is remembered between the attempts, and nothing else of it.
  @Test
  void aMessageToManyIsOpenedWithWhatHasBecomeOfIt() {
    String[] many = IntStream.range(0, 100).mapToObj(i -> "u" + i).toArray(String[]::new);
    EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope(many), new byte[10]);
    List<RecipientState> states =
        new ArrayList<>(Collections.nCopies(100, SpoolContract.waiting(1)));
    states.set(7, new RecipientState.Delivered());

    try (StoredMessage first = spool.open(id).orElseThrow()) {
      assertThat(first.envelope().states()).hasSize(100).doesNotContain(states.get(7));
    }
    spool.settle(new Settlement(id, states, List.of())).join();
    try (StoredMessage second = spool.open(id).orElseThrow()) {
      assertThat(second.envelope().states()).isEqualTo(states);
      assertThat(second.envelope().envelope()).isEqualTo(SpoolContract.envelope(many));
    }
  }

  @Test
  void doesNotGrowWithWhatHasBeenDelivered() throws Exception {
    EnvelopeId deferred =
        SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[20_000]);
    CompletableFuture<Void> delivered = CompletableFuture.completedFuture(null);
    for (int i = 0; i < 2_000; i++) {
      EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[20_000]);
      delivered = settle(spool, id);
    }
    delivered.join();

    // 40 MB went through; what is needed are 20 kB. A few segments and spares may be there.
    SpoolWait.until(() -> filesSize() < 12L * SEGMENT);
    assertThat(spool.open(deferred)).isPresent();
    assertThat(spool.usage().messages()).isEqualTo(1);
    restartWithoutHints();
    assertThat(SpoolContract.ids(spool)).containsExactly(deferred);
  }

  private long filesSize() throws IOException {
    try (var files = Files.list(folder)) {
      long total = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        total += Files.exists(file) ? file.toFile().length() : 0;
      }
      return total;
    }
  }

  @Test
  void startsFromHintsAsFromTheSegmentsThemselves() throws Exception {
    List<EnvelopeId> left = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      EnvelopeId id =
          SpoolContract.commit(spool, SpoolContract.envelope("a", "b"), new byte[5_000]);
      if (i % 3 == 0) {
        left.add(id);
      } else {
        var _ =
            spool.settle(
                new Settlement(
                    id,
                    List.of(new RecipientState.Delivered(), new RecipientState.Delivered()),
                    List.of()));
      }
    }
    restart();
    assertThat(SpoolContract.ids(spool)).containsExactlyInAnyOrderElementsOf(left);
    restart();
    assertThat(SpoolContract.ids(spool)).containsExactlyInAnyOrderElementsOf(left);
    restartWithoutHints();
    assertThat(SpoolContract.ids(spool)).containsExactlyInAnyOrderElementsOf(left);
  }

  @Test
  void servesManyAtOnce() throws Exception {
    List<EnvelopeId> committed = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 50; t++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < 40; i++) {
                      EnvelopeId id =
                          SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[3_000]);
                      committed.add(id);
                      if (i % 2 == 0) {
                        deliver(spool, id);
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(committed).hasSize(2_000).doesNotHaveDuplicates();
    assertThat(spool.usage().messages()).isEqualTo(1_000);
    restart();
    assertThat(spool.usage().messages()).isEqualTo(1_000);
  }

  @Test
  void saysNoWhenTheDiskIsNearlyFull() {
    spool.close();
    spool =
        LogSpool.open(
            new LogSpoolSettings(folder, SEGMENT, Long.MAX_VALUE, Duration.ofSeconds(30)),
            InstantSource.system(),
            Ticker.system());

    assertThatThrownBy(() -> spool.begin())
        .isInstanceOfSatisfying(
            SpoolException.class, e -> assertThat(e.kind()).isEqualTo(SpoolException.Kind.FULL));
  }

  @Test
  void verifiesWhatItHolds() throws Exception {
    SpoolContract.commit(spool, SpoolContract.envelope("a", "b"), new byte[700_000]);
    deliver(spool, SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[10]));

    SpoolVerifier.Report report = verified();

    assertThat(report.messages()).hasSize(1);
    assertThat(report.messages().getFirst().size())
        .isEqualTo(700_000 + SpoolContract.PREFIX.getBytes(UTF_8).length);
    assertThat(report.removed()).isEqualTo(1);
    assertThat(report.waiting()).isEqualTo(2);
    assertThat(report.damages()).isEmpty();
    assertThat(report.tornBytes()).isZero();
    spool = open();
  }

  @Test
  void takesAMessageBackThatWasTooSlow() {
    FaultyFiles files = new FaultyFiles();
    files.slowSyncs(Duration.ofMillis(2));
    Path other = folder.resolve("slow");
    try (LogSpool slow =
        LogSpool.open(
            new LogSpoolSettings(other, SEGMENT, 0, Duration.ofNanos(1)),
            InstantSource.system(),
            Ticker.system(),
            new java.util.Random(1),
            files.files())) {
      int slowOnes = 0;
      for (int i = 0; i < 50; i++) {
        SpoolWriter writer = slow.begin();
        writer.write(new byte[1000], 0, 1000);
        writer.describe(SpoolContract.envelope("a"), "", RECEIVED);
        try {
          writer.commit();
        } catch (SpoolException e) {
          assertThat(e.kind()).isEqualTo(SpoolException.Kind.SLOW);
          slowOnes++;
          deliverIfThere(slow, writer.id());
        }
      }
      assertThat(slowOnes).isPositive();
    }
  }

  private static void deliverIfThere(Spool spool, EnvelopeId id) {
    var _ = spool.settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of()));
  }

  /// What is open stays where it is, and what is opened is found, while the log is emptied from
  /// behind.
  @Test
  void whatANewerSettlementMakesVoidIsDurableWithThatOne() {
    EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[10]);
    SettleAppend first = new SettleAppend(spool, deferral(id, 1));
    SettleAppend second = new SettleAppend(spool, deferral(id, 2));

    spool.submit(first);
    SpoolContract.commit(spool, SpoolContract.envelope("b"), new byte[10]);
    assertThat(first.done).isNotDone();

    spool.submit(second);
    first.done.join();
    assertThat(second.done).isDone();
  }

  private static Settlement deferral(EnvelopeId id, int attempts) {
    return new Settlement(
        id,
        List.of(new RecipientState.Waiting(attempts, SpoolContract.RECEIVED, false, "no")),
        List.of());
  }

  @Test
  void messagesAreReadWhileCompactionMovesThem() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    try (LogSpool moving = SpoolHistory.open(files, folder.resolve("moving"), 2 << 20)) {
      EnvelopeId small = history.commit(moving, 1_000);
      EnvelopeId big = history.commit(moving, 300_000);
      StoredMessage open = moving.open(big).orElseThrow();
      for (int i = 0; i < 12; i++) {
        history.remove(moving, history.commit(moving, 250_000));
      }
      history.commit(moving, 900_000);
      SpoolWait.until(
          () -> {
            history.checkLive(moving);
            return isMoved(moving, small);
          });

      assertThat(SpoolContract.bytes(open.content())).isEqualTo(SpoolHistory.content(big, 300_000));
      assertThat(files.content()).containsKey(Segment.name(1));
      open.close();
      SpoolWait.until(() -> !files.content().containsKey(Segment.name(1)));
      history.checkLive(moving);
    }
  }

  private static boolean isMoved(LogSpool spool, EnvelopeId id) {
    LogState.Place place = spool.state().place(id.value());
    return place != null && place.segment() > 1;
  }

  /// A message that cannot be read must not keep the rest of the log from being compacted.
  @Test
  void damageDoesNotStopCompaction() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    EnvelopeId unreadable;
    EnvelopeId good;
    try (LogSpool filling = SpoolHistory.open(files, folder.resolve("one"), 2 << 20)) {
      unreadable = history.commit(filling, 1_000);
      good = history.commit(filling, 1_000);
      for (int i = 0; i < 12; i++) {
        EnvelopeId id = history.commit(filling, 250_000);
        // Quickly: before anything is compacted.
        var _ = history.settleSoon(filling, id, new RecipientState.Delivered());
      }
    }
    var content = new TreeMap<>(files.content());
    byte[] first = Objects.requireNonNull(content.get(Segment.name(1)));
    first[Segment.HEADER + 500] ^= 1;
    try (LogSpool moving =
        SpoolHistory.open(new FaultyFiles(content), folder.resolve("two"), 2 << 20)) {
      SpoolWait.until(() -> isMoved(moving, good) && !moving.damages().isEmpty());

      assertThat(moving.damages()).hasSize(1);
      assertThatThrownBy(() -> moving.open(unreadable)).hasMessageContaining("damaged");
      assertThat(SpoolContract.ids(moving)).contains(good, unreadable);
    }
  }
}
