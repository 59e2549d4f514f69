package org.depesche.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.message.Content;
import org.junit.jupiter.api.Test;

/// What every spool does.
public interface SpoolContract {

  Instant RECEIVED = Instant.parse("2026-03-01T12:00:00.123Z");
  String PREFIX = "Received: from grün.test\r\n";

  /// The spool under test, empty, the same for the whole test.
  Spool spool();

  static Envelope envelope(String... to) {
    return new Envelope(
        new Mailbox("sender", "client.test"),
        Arrays.stream(to).map(u -> new Recipient(new Mailbox(u, "example.org"))).toList());
  }

  /// Commits a message.
  static EnvelopeId commit(Spool spool, Envelope envelope, byte[] content) {
    SpoolWriter writer = spool.begin();
    writer.write(content, 0, content.length);
    writer.describe(envelope, PREFIX, RECEIVED);
    writer.commit();
    return writer.id();
  }

  static byte[] bytes(Content content) throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) content.size());
    while (all.hasRemaining()) {
      assertThat(content.read(all.position(), all)).isPositive();
    }
    assertThat(content.read(content.size(), ByteBuffer.allocate(1))).isEqualTo(-1);
    return all.array();
  }

  static List<EnvelopeId> ids(Spool spool) {
    List<EnvelopeId> ids = new ArrayList<>();
    spool.scan(envelope -> ids.add(envelope.id()));
    return ids;
  }

  static RecipientState waiting(int attempts) {
    return new RecipientState.Waiting(attempts, RECEIVED.plusSeconds(60), false, "refused: ü");
  }

  @Test
  default void givesBackWhatWasCommitted() throws Exception {
    byte[] content = "Subject: hi\r\n\r\nGrüße\r\n".getBytes(UTF_8);
    EnvelopeId id = commit(spool(), envelope("alice", "bob"), content);

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.prefix()).isEqualTo(PREFIX);
      assertThat(message.envelope().envelope()).isEqualTo(envelope("alice", "bob"));
      assertThat(message.envelope().receivedAt()).isEqualTo(RECEIVED);
      assertThat(message.envelope().states())
          .containsOnly(new RecipientState.Waiting(0, RECEIVED, false, ""));
      assertThat(bytes(message.content())).isEqualTo(content);
    }
  }

  @Test
  default void keepsEveryFieldOfAnEnvelope() {
    Envelope full =
        new Envelope(
            NullPath.INSTANCE,
            List.of(
                new Recipient(
                    new Mailbox("grün \"quoted\"", "bücher.example"),
                    new Notify(false, true, false, true),
                    Optional.of("utf-8;grün@b\\x{FC}cher.example")),
                new Recipient(
                    new Mailbox("x", new AddressLiteral("IPv6:2001:db8::1")),
                    Notify.NEVER,
                    Optional.empty())),
            BodyType.BINARY_MIME,
            true,
            Return.HDRS,
            Optional.of("QQ+2B1"));
    EnvelopeId id = commit(spool(), full, new byte[] {0, 13, 10, -1});

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.envelope().envelope()).isEqualTo(full);
    }
  }

  @Test
  default void carriesContentOfAnySize() throws Exception {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 255, 65_535, 262_143, 262_144, 262_145, 3_000_000}) {
      byte[] content = new byte[size];
      random.nextBytes(content);
      SpoolWriter writer = spool().begin();
      int at = 0;
      while (at < size) {
        int piece = Math.min(1 + random.nextInt(40_000), size - at);
        writer.write(content, at, piece);
        at += piece;
      }
      assertThat(writer.size()).isEqualTo(size);
      writer.describe(envelope("alice"), PREFIX, RECEIVED);
      writer.commit();

      try (StoredMessage message = spool().open(writer.id()).orElseThrow()) {
        assertThat(bytes(message.content())).isEqualTo(content);
      }
    }
  }

  @Test
  default void namesGrowAndAreUnique() {
    EnvelopeId first = commit(spool(), envelope("a"), new byte[1]);
    EnvelopeId second = commit(spool(), envelope("a"), new byte[1]);

    assertThat(second).isGreaterThan(first);
  }

  @Test
  default void tellsListenersOfCommitsAndOfNothingElse() {
    List<EnvelopeId> heard = new ArrayList<>();
    spool().onCommit(stored -> heard.add(stored.id()));

    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    SpoolWriter aborted = spool().begin();
    aborted.write(new byte[10], 0, 10);
    aborted.abort();

    assertThat(heard).containsExactly(id);
  }

  @Test
  default void forgetsWhatWasAborted() {
    SpoolWriter writer = spool().begin();
    writer.write(new byte[500_000], 0, 500_000);
    writer.abort();
    writer.abort();

    assertThat(spool().open(writer.id())).isEmpty();
    assertThat(ids(spool())).isEmpty();
    assertThat(spool().usage().messages()).isZero();
  }

  @Test
  default void scansOldestFirst() {
    List<EnvelopeId> committed = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      committed.add(commit(spool(), envelope("a"), new byte[i]));
    }

    assertThat(ids(spool())).containsExactlyElementsOf(committed);
    assertThat(spool().usage().messages()).isEqualTo(50);
  }

  @Test
  default void showsSettledStatesAtOnce() {
    EnvelopeId id = commit(spool(), envelope("a", "b"), new byte[10]);
    List<RecipientState> states = List.of(new RecipientState.Delivered(), waiting(3));

    spool().settle(new Settlement(id, states, List.of())).orTimeout(10, TimeUnit.SECONDS).join();

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.envelope().states()).isEqualTo(states);
    }
  }

  @Test
  default void removesAMessageWhoseRecipientsAreAllFinal() {
    EnvelopeId id = commit(spool(), envelope("a", "b", "c"), new byte[10]);

    spool()
        .settle(
            new Settlement(
                id,
                List.of(
                    new RecipientState.Delivered(),
                    new RecipientState.Failed("no"),
                    new RecipientState.Removed()),
                List.of()))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    assertThat(spool().open(id)).isEmpty();
    assertThat(spool().usage().messages()).isZero();
  }

  @Test
  default void keepsAMessageThatIsHeld() {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    RecipientState held =
        new RecipientState.Held(new RecipientState.Waiting(7, RECEIVED, true, "given up"));

    spool().settle(new Settlement(id, List.of(held), List.of())).join();

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.envelope().states()).containsExactly(held);
    }
  }

  @Test
  default void keepsWhichAddressesAreOver() {
    EnvelopeId id = commit(spool(), envelope("a", "b", "c"), new byte[10]);
    RecipientState.Waiting some =
        new RecipientState.Waiting(1, RECEIVED, false, "no")
            .done(new Mailbox("x", "there.test"))
            .done(new Mailbox("y z", new AddressLiteral("192.0.2.1")));
    RecipientState.Waiting none = new RecipientState.Waiting(1, RECEIVED, false, "no");
    List<RecipientState> states =
        List.of(some, none, new RecipientState.Discarded(some, true, RECEIVED));

    spool().settle(new Settlement(id, states, List.of())).join();

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.envelope().states()).isEqualTo(states);
    }
  }

  @Test
  default void settlingWhatIsGoneIsNoError() {
    assertThat(
            spool()
                .settle(
                    new Settlement(
                        new EnvelopeId(42), List.of(new RecipientState.Delivered()), List.of())))
        .succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  default void commitsNotificationsWithTheStates() {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    List<EnvelopeId> heard = new ArrayList<>();
    spool().onCommit(stored -> heard.add(stored.id()));
    SpoolWriter notification = spool().begin();
    notification.write("failed".getBytes(UTF_8), 0, 6);
    notification.describe(envelope("sender"), "", RECEIVED);

    spool()
        .settle(new Settlement(id, List.of(new RecipientState.Failed("no")), List.of(notification)))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    assertThat(heard).containsExactly(notification.id());
    assertThat(ids(spool())).containsExactly(notification.id());
  }

  @Test
  default void anOpenMessageStaysReadableWhenItIsRemoved() throws Exception {
    byte[] content = new byte[600_000];
    new Random(3).nextBytes(content);
    EnvelopeId id = commit(spool(), envelope("a"), content);

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      spool().settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of())).join();
      assertThat(bytes(message.content())).isEqualTo(content);
    }
  }

  private static void isClosed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SpoolException.class, e -> assertThat(e.kind()).isEqualTo(SpoolException.Kind.CLOSED));
  }

  @Test
  default void refusesEverythingOnceClosed() {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    SpoolWriter begun = spool().begin();
    begun.write(new byte[10], 0, 10);
    begun.describe(envelope("a"), "", RECEIVED);
    SpoolWriter aborted = spool().begin();

    spool().close();
    spool().close();

    isClosed(() -> spool().begin());
    isClosed(() -> spool().open(id));
    isClosed(() -> spool().scan(_ -> {}));
    isClosed(begun::commit);
    aborted.abort();
    assertThat(spool().settle(new Settlement(id, List.of(waiting(1)), List.of())))
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withCauseInstanceOf(SpoolException.class);
  }

  @Test
  default void aWriterEndsOnce() {
    SpoolWriter committed = described(10);
    committed.commit();
    assertThatThrownBy(committed::commit).isInstanceOf(IllegalStateException.class);
    committed.abort();
    SpoolWriter aborted = described(300_000);
    aborted.abort();
    assertThatThrownBy(aborted::commit).isInstanceOf(IllegalStateException.class);
    SpoolWriter undescribed = spool().begin();
    assertThatThrownBy(undescribed::commit).isInstanceOf(IllegalStateException.class);

    assertThat(ids(spool())).containsExactly(committed.id());
  }

  private SpoolWriter described(int size) {
    SpoolWriter writer = spool().begin();
    writer.write(new byte[size], 0, size);
    writer.describe(envelope("sender"), "", RECEIVED);
    return writer;
  }

  @Test
  default void aSettlementWithAWrongNotificationChangesNothing() {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    SpoolWriter good = described(10);
    SpoolWriter ended = described(10);
    ended.abort();

    assertThatThrownBy(
            () ->
                spool()
                    .settle(
                        new Settlement(
                            id, List.of(new RecipientState.Delivered()), List.of(good, ended))))
        .isInstanceOf(IllegalStateException.class);

    assertThat(ids(spool())).containsExactly(id);
    good.commit();
    assertThat(ids(spool())).containsExactly(id, good.id());
  }

  @Test
  default void carriesSeveralNotificationsOfAnySize() throws Exception {
    EnvelopeId id = commit(spool(), envelope("a", "b"), new byte[10]);
    List<EnvelopeId> heard = new ArrayList<>();
    spool().onCommit(stored -> heard.add(stored.id()));
    List<SpoolWriter> notifications = List.of(described(0), described(500_000), described(20));
    List<RecipientState> states = List.of(new RecipientState.Failed("no"), waiting(2));

    spool()
        .settle(new Settlement(id, states, notifications))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    List<EnvelopeId> named = notifications.stream().map(SpoolWriter::id).toList();
    assertThat(heard).containsExactlyElementsOf(named);
    assertThat(ids(spool())).contains(id).containsAll(named).hasSize(4);
    for (SpoolWriter notification : notifications) {
      try (StoredMessage message = spool().open(notification.id()).orElseThrow()) {
        assertThat(bytes(message.content())).isEqualTo(new byte[(int) notification.size()]);
      }
    }
  }

  @Test
  default void aSettlementOfWhatIsGoneStillCarriesItsNotifications() {
    SpoolWriter notification = described(10);

    spool()
        .settle(
            new Settlement(
                new EnvelopeId(42), List.of(new RecipientState.Removed()), List.of(notification)))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    assertThat(ids(spool())).containsExactly(notification.id());
  }

  @Test
  default void theLastSettlementCounts() {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int attempts = 1; attempts <= 50; attempts++) {
      all.add(spool().settle(new Settlement(id, List.of(waiting(attempts)), List.of())));
    }
    all.forEach(each -> each.orTimeout(10, TimeUnit.SECONDS).join());

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.envelope().states()).containsExactly(waiting(50));
    }
  }

  /// Octets, not characters.
  @Test
  default void sizesAreBytes() throws Exception {
    EnvelopeId id = commit(spool(), envelope("a"), new byte[10]);
    List<StoredEnvelope> scanned = new ArrayList<>();
    spool().scan(scanned::add);

    try (StoredMessage message = spool().open(id).orElseThrow()) {
      assertThat(message.content().size()).isEqualTo(10);
      assertThat(message.envelope().size()).isEqualTo(10 + PREFIX.getBytes(UTF_8).length);
      assertThat(scanned).containsExactly(message.envelope());
    }
  }

  @Test
  default void listenersHaveHeardWhenACommitReturns() {
    Set<EnvelopeId> heard = ConcurrentHashMap.newKeySet();
    spool().onCommit(stored -> heard.add(stored.id()));

    for (int i = 0; i < 20; i++) {
      assertThat(heard).contains(commit(spool(), envelope("a"), new byte[10]));
    }
  }

  @Test
  default void manyWriteAndSettleAndLookAtOnce() throws Exception {
    EnvelopeId before = commit(spool(), envelope("a"), new byte[10]);
    Queue<EnvelopeId> heard = new ConcurrentLinkedQueue<>();
    spool().onCommit(stored -> heard.add(stored.id()));
    Queue<EnvelopeId> kept = new ConcurrentLinkedQueue<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 12; t++) {
        running.add(threads.submit(() -> commitAndSettle(kept)));
      }
      for (int i = 0; i < 30; i++) {
        assertThat(ids(spool())).doesNotHaveDuplicates().contains(before);
      }
      for (Future<?> each : running) {
        each.get();
      }
    }

    assertThat(heard).hasSize(12 * 30).doesNotHaveDuplicates().containsAll(kept);
    kept.add(before);
    assertThat(ids(spool())).containsExactlyInAnyOrderElementsOf(kept);
    assertThat(spool().usage().messages()).isEqualTo(kept.size());
  }

  private void commitAndSettle(Queue<EnvelopeId> kept) {
    for (int i = 0; i < 30; i++) {
      EnvelopeId id = commit(spool(), envelope("a"), new byte[i * 100]);
      if (i % 3 == 0) {
        spool()
            .settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of()))
            .join();
        assertThat(spool().open(id)).isEmpty();
      } else {
        kept.add(id);
        try (StoredMessage message = spool().open(id).orElseThrow()) {
          assertThat(message.content().size()).isEqualTo(i * 100L);
        }
      }
    }
  }
}
