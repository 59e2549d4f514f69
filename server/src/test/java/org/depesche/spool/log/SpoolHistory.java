package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.jspecify.annotations.Nullable;

/// What was done to a spool over `FaultyFiles`, with the moments from which on it may be seen and
/// from which on it has to be. Says of a spool whether it may look as it does.
final class SpoolHistory {

  private static final int NEVER = Integer.MAX_VALUE;

  /// What a message may look like from `begun` on and must, or later, from `durable` on. The state
  /// is that of its one recipient; when it is final, the message is gone.
  private static final class Version {
    final int begun;
    final RecipientState state;
    final List<EnvelopeId> notifications;
    volatile int durable = NEVER;
    volatile boolean refused;

    Version(int begun, RecipientState state, List<EnvelopeId> notifications) {
      this.begun = begun;
      this.state = state;
      this.notifications = notifications;
    }
  }

  private record Message(byte[] content, List<Version> versions) {}

  private static final RecipientState FRESH =
      new RecipientState.Waiting(0, SpoolContract.RECEIVED, false, "");

  private final FaultyFiles files;
  private final Map<EnvelopeId, Message> messages =
      Collections.synchronizedMap(new LinkedHashMap<>());

  SpoolHistory(FaultyFiles files) {
    this.files = files;
  }

  private Message message(EnvelopeId id) {
    return Objects.requireNonNull(messages.get(id));
  }

  /// Opens a spool. Its lock is in a folder of its own: nobody lets go of a lock in a power loss.
  /// Its clock runs so fast that nothing rests long.
  static LogSpool open(FaultyFiles files, Path folder, int segmentSize) {
    AtomicLong nanos = new AtomicLong();
    return LogSpool.open(
        new LogSpoolSettings(folder, segmentSize, 0, Duration.ofSeconds(20)),
        InstantSource.system(),
        () -> nanos.addAndGet(10_000_000_000L),
        new Random(7),
        files.files());
  }

  static byte[] content(EnvelopeId id, int size) {
    byte[] content = new byte[size];
    new Random(id.value()).nextBytes(content);
    return content;
  }

  private SpoolWriter writer(LogSpool spool, int size) {
    SpoolWriter writer = spool.begin();
    writer.write(content(writer.id(), size), 0, size);
    writer.describe(SpoolContract.envelope("a"), "", SpoolContract.RECEIVED);
    return writer;
  }

  /// Commits a message, or is refused.
  EnvelopeId commit(LogSpool spool, int size) {
    int begun = files.moment();
    SpoolWriter writer = writer(spool, size);
    Version fresh = new Version(begun, FRESH, List.of());
    messages.put(
        writer.id(), new Message(content(writer.id(), size), new ArrayList<>(List.of(fresh))));
    try {
      writer.commit();
    } catch (SpoolException e) {
      fresh.refused = true;
      throw e;
    }
    fresh.durable = files.moment();
    return writer.id();
  }

  void defer(LogSpool spool, EnvelopeId id, int... notifications) {
    int attempts = message(id).versions().size();
    settle(
        spool,
        id,
        new RecipientState.Waiting(attempts, SpoolContract.RECEIVED, false, "no"),
        notifications);
  }

  void remove(LogSpool spool, EnvelopeId id, int... notifications) {
    settle(spool, id, new RecipientState.Delivered(), notifications);
  }

  /// Defers or removes a message without waiting until that is durable.
  ///
  /// @return completed, with or without success, when that is noted here
  CompletableFuture<Void> settleSoon(LogSpool spool, EnvelopeId id, RecipientState state) {
    return begin(spool, id, state);
  }

  private void settle(LogSpool spool, EnvelopeId id, RecipientState state, int... notifications) {
    try {
      begin(spool, id, state, notifications).orTimeout(20, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SpoolException refused) {
        throw refused;
      }
      throw e;
    }
  }

  private CompletableFuture<Void> begin(
      LogSpool spool, EnvelopeId id, RecipientState state, int... notifications) {
    int begun = files.moment();
    List<SpoolWriter> writers = new ArrayList<>();
    List<Version> all = new ArrayList<>();
    for (int size : notifications) {
      SpoolWriter writer = writer(spool, size);
      writers.add(writer);
      Version fresh = new Version(begun, FRESH, List.of());
      all.add(fresh);
      messages.put(
          writer.id(), new Message(content(writer.id(), size), new ArrayList<>(List.of(fresh))));
    }
    Version version = new Version(begun, state, writers.stream().map(SpoolWriter::id).toList());
    all.add(version);
    message(id).versions().add(version);
    return spool
        .settle(new Settlement(id, List.of(state), writers))
        .whenComplete(
            (_, trouble) -> {
              for (Version each : all) {
                each.refused = trouble != null;
                each.durable = trouble == null ? files.moment() : NEVER;
              }
            });
  }

  /// Checks the spool that has been there all the time: it shows what was not refused. A settlement
  /// without notifications may be refused and is in effect all the same.
  void checkLive(LogSpool spool) throws IOException {
    Map<EnvelopeId, RecipientState> expected = new HashMap<>();
    messages.forEach(
        (id, message) -> {
          for (Version version : message.versions()) {
            boolean first = version == message.versions().getFirst();
            if (!version.refused || !first && version.notifications.isEmpty()) {
              expected.put(id, version.state);
            }
          }
        });
    expected.values().removeIf(RecipientState::isFinal);
    assertThat(shown(spool)).isEqualTo(expected);
    readAll(spool, expected);
  }

  /// Settlements that had to wait are durable with the next commit.
  void settleWhatWaits() {
    for (Message message : messages.values()) {
      for (Version version : message.versions()) {
        if (version.refused
            && version != message.versions().getFirst()
            && version.notifications.isEmpty()) {
          version.durable = files.moment();
        }
      }
    }
  }

  private void readAll(LogSpool spool, Map<EnvelopeId, RecipientState> shown) throws IOException {
    for (EnvelopeId id : shown.keySet()) {
      try (StoredMessage stored = spool.open(id).orElseThrow()) {
        assertThat(SpoolContract.bytes(stored.content())).isEqualTo(message(id).content());
      }
    }
  }

  /// What a spool shows: the state of each message's recipient.
  static Map<EnvelopeId, RecipientState> shown(LogSpool spool) {
    Map<EnvelopeId, RecipientState> shown = new HashMap<>();
    spool.scan(
        stored -> {
          assertThat(stored.states()).hasSize(1);
          assertThat(shown.put(stored.id(), stored.states().getFirst())).isNull();
        });
    assertThat(spool.usage().messages()).isEqualTo(shown.size());
    return shown;
  }

  /// Checks a spool that was opened after the power was lost at a moment.
  Map<EnvelopeId, RecipientState> check(LogSpool spool, int moment) throws IOException {
    Map<EnvelopeId, RecipientState> shown = shown(spool);
    assertThat(spool.damages()).isEmpty();
    assertThat(messages.keySet()).containsAll(shown.keySet());
    for (var entry : messages.entrySet()) {
      EnvelopeId id = entry.getKey();
      Message message = entry.getValue();
      int seen = seen(id, message, shown.get(id), moment);
      notifications(message, shown, seen);
    }
    readAll(spool, shown);
    return shown;
  }

  /// Which version is shown; -1 when the message has not come to be.
  private static int seen(
      EnvelopeId id, Message message, @Nullable RecipientState shown, int moment) {
    List<Version> versions = message.versions();
    int newestDurable = -1;
    for (int i = 0; i < versions.size(); i++) {
      newestDurable = versions.get(i).durable <= moment ? i : newestDurable;
    }
    for (int i = Math.max(0, newestDurable); i < versions.size(); i++) {
      Version version = versions.get(i);
      RecipientState expected = version.state.isFinal() ? null : version.state;
      if (version.begun <= moment && Objects.equals(expected, shown)) {
        return i;
      }
    }
    assertThat(shown).as("%s, durable up to version %s", id, newestDurable).isNull();
    assertThat(newestDurable).as("newest durable version of %s, which is gone", id).isEqualTo(-1);
    return -1;
  }

  /// A settlement and its notifications are there together or not at all.
  private static void notifications(
      Message message, Map<EnvelopeId, RecipientState> shown, int seen) {
    for (int i = 0; i < message.versions().size(); i++) {
      for (EnvelopeId notification : message.versions().get(i).notifications) {
        if (i >= seen || !message.versions().get(i).refused) {
          assertThat(shown.containsKey(notification)).as("notification").isEqualTo(i <= seen);
        }
      }
    }
  }
}
