package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is left of a spool after disks and power have failed: everything that was acknowledged.
class PowerLossTest {

  @TempDir Path folder;

  private LogSpool open(FaultyFiles files) {
    return LogSpool.open(
        new LogSpoolSettings(folder, 1 << 20, 0, Duration.ofSeconds(30)),
        InstantSource.system(),
        Ticker.system(),
        files);
  }

  private static byte[] content(int seed, int size) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }

  @Test
  void aFailedSyncIsNeverTakenForSuccess() throws Exception {
    FaultyFiles files = new FaultyFiles(1);
    Map<EnvelopeId, byte[]> acknowledged = new HashMap<>();
    LogSpool spool = open(files);
    int failed = 0;
    for (int i = 0; i < 60; i++) {
      if (i % 7 == 3) {
        files.failForces(1);
      }
      byte[] content = content(i, 100 + i * 5_000);
      try {
        acknowledged.put(
            SpoolContract.commit(spool, SpoolContract.envelope("a"), content), content);
      } catch (SpoolException e) {
        assertThat(e.kind()).isEqualTo(SpoolException.Kind.BROKEN);
        failed++;
      }
    }
    assertThat(failed).isPositive();
    holds(spool, acknowledged);
    spool.close();
    files.crash();

    try (LogSpool again = open(files)) {
      holds(again, acknowledged);
    }
  }

  @Test
  void aFullDiskRefusesAndRecovers() throws Exception {
    FaultyFiles files = new FaultyFiles(2);
    files.space(3 << 20);
    Map<EnvelopeId, byte[]> acknowledged = new HashMap<>();
    try (LogSpool spool = open(files)) {
      List<SpoolException.Kind> refused = new ArrayList<>();
      for (int i = 0; i < 200 && refused.isEmpty(); i++) {
        byte[] content = content(i, 50_000);
        try {
          acknowledged.put(
              SpoolContract.commit(spool, SpoolContract.envelope("a"), content), content);
        } catch (SpoolException e) {
          refused.add(e.kind());
        }
      }
      assertThat(refused).containsExactly(SpoolException.Kind.FULL);
      files.space(1 << 30);
      byte[] content = content(999, 50_000);
      acknowledged.put(SpoolContract.commit(spool, SpoolContract.envelope("a"), content), content);
      holds(spool, acknowledged);
    }
  }

  private static void holds(LogSpool spool, Map<EnvelopeId, byte[]> acknowledged) throws Exception {
    assertThat(SpoolContract.ids(spool)).containsAll(acknowledged.keySet());
    for (var entry : acknowledged.entrySet()) {
      try (StoredMessage message = spool.open(entry.getKey()).orElseThrow()) {
        assertThat(SpoolContract.bytes(message.content())).isEqualTo(entry.getValue());
      }
    }
  }

  /// A random history of commits and settlements, cut off by a power loss, again and again over the
  /// same files. What was acknowledged and not settled is there with its bytes; what was durably
  /// removed does not come back.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void keepsWhatWasAcknowledgedThroughPowerLoss(long seed) throws Exception {
    Random random = new Random(seed);
    FaultyFiles files = new FaultyFiles(seed);
    Map<EnvelopeId, byte[]> expected = new HashMap<>();
    Set<EnvelopeId> removed = new HashSet<>();
    for (int life = 0; life < 15; life++) {
      files.pullPlugAfter(20 + random.nextInt(150));
      try {
        live(open(files), random, expected, removed);
      } catch (FaultyFiles.PowerLoss | SpoolException e) {
        // The power is gone, or the spool says that it is.
      }
      files.crash();
      try (LogSpool spool = open(files)) {
        List<EnvelopeId> ids = SpoolContract.ids(spool);
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(ids).doesNotContainAnyElementsOf(removed);
        holds(spool, expected);
      }
    }
    assertThat(expected).isNotEmpty();
  }

  private static void live(
      LogSpool spool, Random random, Map<EnvelopeId, byte[]> expected, Set<EnvelopeId> removed) {
    for (int i = 0; i < 60; i++) {
      if (random.nextInt(3) == 0 && !expected.isEmpty()) {
        EnvelopeId id = new ArrayList<>(expected.keySet()).get(random.nextInt(expected.size()));
        // From here on it may be gone, and when the future says so it has to be.
        expected.remove(id);
        spool
            .settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of()))
            .orTimeout(5, java.util.concurrent.TimeUnit.SECONDS)
            .handle(
                (_, trouble) -> {
                  if (trouble == null) {
                    removed.add(id);
                  }
                  return null;
                })
            .join();
      } else {
        SpoolWriter writer = spool.begin();
        byte[] content = content(random.nextInt(), random.nextInt(400_000));
        writer.write(content, 0, content.length);
        writer.describe(SpoolContract.envelope("a"), "", SpoolContract.RECEIVED);
        writer.commit();
        expected.put(writer.id(), content);
      }
    }
  }
}
