package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.StoredMessage;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No message gets the id of an earlier one, whatever the clock says at a start and however little
/// is left in the spool: a copy in a Maildir has the id in its name, and would be taken for that of
/// the new message.
class IdsTest {

  @TempDir Path folder;
  private final FaultyFiles files = new FaultyFiles();

  /// Every boot begins at the same moment.
  private LogSpool boot() {
    return LogSpool.open(
        new LogSpoolSettings(folder, 1 << 20, 0, Duration.ofSeconds(30)),
        () -> Instant.parse("2026-03-01T12:00:01Z"),
        Ticker.system(),
        new Random(7),
        files.files());
  }

  private static EnvelopeId commit(LogSpool spool, int size) {
    return SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[size]);
  }

  private static void deliver(LogSpool spool, EnvelopeId id) {
    spool.settle(new Settlement(id, List.of(new RecipientState.Delivered()), List.of())).join();
  }

  /// Housekeeping takes back all that it ever will: it ends no round halfway.
  private void bootUntilGone(int sequence) throws Exception {
    try (LogSpool _ = boot()) {
      SpoolWait.until(() -> !files.content().containsKey(Segment.name(sequence)));
    }
  }

  @Test
  void anEmptySpoolRemembersThem() throws Exception {
    EnvelopeId last;
    try (LogSpool spool = boot()) {
      EnvelopeId first = commit(spool, 600_000);
      StoredMessage reader = spool.open(first).orElseThrow();
      deliver(spool, first);
      last = commit(spool, 600_000);
      deliver(spool, last);
      reader.close();
    }

    bootUntilGone(1);

    try (LogSpool spool = boot()) {
      assertThat(spool.usage().messages()).isZero();
      assertThat(commit(spool, 10)).isGreaterThan(last);
    }
  }

  /// What is newest in the log is about an old message.
  @Test
  void theHighestIsRememberedThoughItIsNotInTheNewestSegment() throws Exception {
    EnvelopeId old;
    EnvelopeId highest;
    try (LogSpool spool = boot()) {
      old = commit(spool, 10);
    }
    try (LogSpool spool = boot()) {
      highest = commit(spool, 10);
      deliver(spool, highest);
    }
    try (LogSpool spool = boot()) {
      deliver(spool, old);
    }

    bootUntilGone(1);

    try (LogSpool spool = boot()) {
      assertThat(commit(spool, 10)).isGreaterThan(highest);
    }
  }

  /// What was set aside is named after its segment.
  @Test
  void noSegmentGetsTheNumberOfAnEarlierOne() throws Exception {
    EnvelopeId old;
    try (LogSpool spool = boot()) {
      old = commit(spool, 10);
    }
    try (LogSpool spool = boot()) {
      commit(spool, 10);
    }
    try (LogSpool spool = boot()) {
      deliver(spool, old);
    }

    bootUntilGone(1);

    try (LogSpool spool = boot()) {
      commit(spool, 10);
    }
    assertThat(files.content()).containsKey(Segment.name(4));
  }

  /// Only as much as that takes.
  @Test
  void oneSegmentIsEnoughForAnEmptySpool() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (LogSpool spool = boot()) {
        deliver(spool, commit(spool, 10));
      }
    }

    bootUntilGone(9);

    assertThat(files.content().keySet()).filteredOn(name -> name.endsWith(".log")).hasSize(1);
  }
}
