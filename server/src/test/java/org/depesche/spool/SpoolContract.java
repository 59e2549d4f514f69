package org.depesche.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
  default void settlingWhatIsGoneIsNoError() {
    assertThat(
            spool()
                .settle(
                    new Settlement(
                        new EnvelopeId(42), List.of(new RecipientState.Delivered()), List.of())))
        .succeedsWithin(java.time.Duration.ofSeconds(10));
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

  @Test
  default void refusesEverythingOnceClosed() {
    spool().close();

    assertThatThrownBy(() -> spool().begin())
        .isInstanceOfSatisfying(
            SpoolException.class, e -> assertThat(e.kind()).isEqualTo(SpoolException.Kind.CLOSED));
  }
}
