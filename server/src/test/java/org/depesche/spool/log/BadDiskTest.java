package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A start comes upon damage, and the disk is of no help: the mail goes out all the same, and
/// nothing that may still be wanted is thrown away.
class BadDiskTest {

  @TempDir Path folder;
  private int segmentSize = 1 << 20;

  private LogSpool open(FaultyFiles files) {
    return SpoolHistory.open(files, folder, segmentSize);
  }

  private static byte[] of(Map<String, byte[]> content, String name) {
    return Objects.requireNonNull(content.get(name));
  }

  /// The files as a killed process leaves them.
  private static Map<String, byte[]> withoutHints(FaultyFiles files) {
    Map<String, byte[]> content = new TreeMap<>(files.content());
    content.keySet().removeIf(name -> name.endsWith(".hint"));
    return content;
  }

  private static Damage onlyDamage(LogSpool spool) {
    assertThat(spool.damages()).hasSize(1);
    return spool.damages().getFirst();
  }

  /// A message in the first segment with its last byte changed, and one in the second.
  private final class Damaged {
    final EnvelopeId id;
    final EnvelopeId other;
    final Map<String, byte[]> content;
    final int size;

    Damaged(int size) {
      this.size = size;
      FaultyFiles files = new FaultyFiles();
      SpoolHistory history = new SpoolHistory(files);
      try (LogSpool spool = open(files)) {
        id = history.commit(spool, size);
      }
      try (LogSpool spool = open(files)) {
        other = history.commit(spool, 100);
      }
      content = withoutHints(files);
      byte[] first = of(content, Segment.name(1));
      first[first.length - LogRecord.size(0) - 8] ^= 1;
    }

    /// Salvage reads the disk itself.
    void assertSalvaged(FaultyFiles files) throws Exception {
      for (var file : files.content().entrySet()) {
        Path path = folder.resolve(file.getKey());
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.write(path, file.getValue());
      }
      assertThat(Salvage.run(folder, folder.resolve("out")))
          .singleElement()
          .isInstanceOfSatisfying(
              Salvage.Piece.Message.class,
              m -> {
                assertThat(m.id()).isEqualTo(id);
                assertThat(m.missing()).isZero();
                assertThat(m.file())
                    .content(ISO_8859_1)
                    .contains(new String(SpoolHistory.content(id, size), 0, size - 16, ISO_8859_1));
              });
    }
  }

  @Test
  void damageOnAFullDiskIsToldAndTheRestIsServed() throws Exception {
    Damaged damaged = new Damaged(500);
    FaultyFiles files = new FaultyFiles(damaged.content);
    files.space(0);
    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(damaged.other);
      assertThat(onlyDamage(spool).toString())
          .contains("MESSAGE record of " + damaged.id)
          .contains("no copy of it could be kept (No space left on device)");
    }
    files.heal();

    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(damaged.other);
    }
    damaged.assertSalvaged(files);
  }

  /// Nothing else is needed of the first segment: it goes where the copies would be, whole.
  @Test
  void whatCouldNotBeCopiedIsNeitherFreedNorUsedAgain() throws Exception {
    for (int size : new int[] {500, 600_000}) {
      Damaged damaged = new Damaged(size);
      FaultyFiles files = new FaultyFiles(damaged.content);
      files.space(0);
      try (LogSpool _ = open(files)) {
        SpoolWait.until(() -> !files.content().containsKey(Segment.name(1)));
      }

      assertThat(files.content())
          .containsEntry("damaged/" + Segment.name(1), of(damaged.content, Segment.name(1)));
      files.heal();
      try (LogSpool spool = open(files)) {
        assertThat(spool.damages()).isEmpty();
      }
      damaged.assertSalvaged(files);
    }
  }

  /// As it would be found by a start, or when somebody reads the message.
  @Test
  void aStartWithRoomKeepsTheCopyAnEarlierOneCouldNot() throws Exception {
    for (boolean hints : new boolean[] {false, true}) {
      FaultyFiles filled = new FaultyFiles();
      SpoolHistory history = new SpoolHistory(filled);
      EnvelopeId id;
      EnvelopeId other;
      try (LogSpool spool = open(filled)) {
        id = history.commit(spool, 500);
        other = history.commit(spool, 100);
      }
      Map<String, byte[]> content = hints ? filled.content() : withoutHints(filled);
      of(content, Segment.name(1))[Segment.HEADER + 300] ^= 1;
      FaultyFiles files = new FaultyFiles(content);
      files.space(0);
      try (LogSpool spool = open(files)) {
        if (hints) {
          assertThatThrownBy(() -> spool.open(id)).hasMessageContaining("damaged");
        }
        assertThat(onlyDamage(spool).toString()).contains("no copy of it could be kept");
      }
      files.heal();

      try (LogSpool spool = open(files)) {
        assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(other);
        assertThat(onlyDamage(spool).toString()).contains("" + id).doesNotContain("no copy");
        assertThat(files.content().keySet()).anyMatch(name -> name.startsWith("damaged/"));
      }
    }
  }

  @Test
  void aHeaderThatCouldNotBeCopiedIsNotWrittenOver() {
    FaultyFiles filled = new FaultyFiles();
    EnvelopeId id;
    try (LogSpool spool = open(filled)) {
      id = new SpoolHistory(filled).commit(spool, 500);
    }
    Map<String, byte[]> content = withoutHints(filled);
    of(content, Segment.name(1))[0] ^= 1;
    FaultyFiles files = new FaultyFiles(content);
    files.space(0);

    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(id);
      assertThat(onlyDamage(spool).toString()).contains("no copy of it could be kept");
    }

    assertThat(files.content()).containsEntry(Segment.name(1), of(content, Segment.name(1)));
  }

  /// The folder for copies cannot even be made.
  @Test
  void aFormatThatCannotBeSetAsideIsLeftAsItIs() throws Exception {
    Damaged damaged = new Damaged(500);
    for (var file : damaged.content.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    Files.writeString(folder.resolve("damaged"), "a file");
    Files.writeString(folder.resolve("format"), "depesche-spoil 1\n");

    try (LogSpool spool = open(new FaultyFiles(damaged.content))) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(damaged.other);
      assertThat(spool.damages())
          .hasSize(2)
          .extracting(Damage::toString)
          .allMatch(told -> told.contains("no copy of it could be kept"));
    }
    assertThat(folder.resolve("format")).hasContent("depesche-spoil 1\n");
  }

  /// What a killed process leaves: a segment without hints, and not ended in order.
  private final class Left {
    final List<EnvelopeId> ids = new ArrayList<>();
    final Map<String, byte[]> content;

    Left(int... sizes) {
      FaultyFiles files = new FaultyFiles();
      SpoolHistory history = new SpoolHistory(files);
      LogSpool killed = open(files);
      for (int size : sizes) {
        ids.add(history.commit(killed, size));
      }
      files.kill();
      killed.close();
      content = withoutHints(files);
    }

    /// Where the record of a message begins, or that of the first part of its content.
    int at(int which) {
      byte[] id = ByteBuffer.allocate(Long.BYTES).putLong(ids.get(which).value()).array();
      String segment = new String(of(content, Segment.name(1)), ISO_8859_1);
      return segment.indexOf(new String(id, ISO_8859_1)) - LogRecord.HEADER + Long.BYTES;
    }
  }

  @Test
  void aBlockThatCannotBeReadIsDamageAndTheRestIsServed() throws Exception {
    Left left = new Left(20_000, 20_000, 20_000, 20_000);
    for (int which = 0; which < 4; which++) {
      FaultyFiles files = new FaultyFiles(left.content);
      int at = (left.at(which) + 8_000) / 4_096 * 4_096;
      files.unreadable(Segment.name(1), at, at + 4_096);
      EnvelopeId hit = left.ids.get(which);

      try (LogSpool spool = open(files)) {
        assertThat(SpoolHistory.shown(spool)).hasSize(3).doesNotContainKey(hit);
        assertThat(onlyDamage(spool).toString())
            .contains("a MESSAGE record of " + hit)
            .endsWith("the disk does not give back all of it");
        assertThat(files.content().keySet()).anyMatch(name -> name.startsWith("damaged/"));
      }
    }
  }

  /// It may have been a cable: a later start finds all of it.
  @Test
  void whatCanBeReadAgainLaterIsThere() throws Exception {
    Left left = new Left(20_000, 20_000, 20_000);
    Map<EnvelopeId, RecipientState> all;
    try (LogSpool spool = open(new FaultyFiles(left.content))) {
      all = SpoolHistory.shown(spool);
    }
    for (int at : new int[] {0, 4_096, 24_576, 45_056}) {
      FaultyFiles files = new FaultyFiles(left.content);
      files.unreadable(Segment.name(1), at, at + 4_096);
      try (LogSpool spool = open(files)) {
        assertThat(spool.damages()).isNotEmpty();
      }
      files.heal();
      Map<String, byte[]> content = new TreeMap<>(files.content());
      byte[] aside = content.remove("damaged/" + Segment.name(1));
      if (aside != null) {
        content.put(Segment.name(1), aside);
      }

      try (LogSpool spool = open(new FaultyFiles(content))) {
        assertThat(SpoolHistory.shown(spool)).isEqualTo(all);
        assertThat(spool.damages()).isEmpty();
      }
    }
  }

  @Test
  void aPartOfABigMessageThatCannotBeReadIsToldAndTheMessageIsTried() throws Exception {
    Left left = new Left(20_000, 600_000);
    FaultyFiles files = new FaultyFiles(left.content);
    files.unreadable(Segment.name(1), 81_920, 86_016);

    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(left.ids);
      assertThat(onlyDamage(spool).toString()).contains("a CHUNK record of " + left.ids.get(1));
      try (StoredMessage message = spool.open(left.ids.get(1)).orElseThrow()) {
        assertThatThrownBy(() -> SpoolContract.bytes(message.content()))
            .hasMessageContaining("damaged");
      }
    }
  }

  /// Without its header, and without hints, nothing of a segment can be known.
  @Test
  void aHeaderThatCannotBeReadIsThatOfADamagedSegment() throws Exception {
    Left left = new Left(20_000, 20_000);
    Map<String, byte[]> content = new TreeMap<>(left.content);
    EnvelopeId behind;
    FaultyFiles more = new FaultyFiles(content);
    try (LogSpool spool = open(more)) {
      behind = new SpoolHistory(more).commit(spool, 100);
    }
    FaultyFiles withHints = new FaultyFiles(more.content());
    withHints.unreadable(Segment.name(1), 0, 512);
    try (LogSpool spool = open(withHints)) {
      assertThat(SpoolHistory.shown(spool)).hasSize(3);
      assertThat(onlyDamage(spool).toString()).contains("the disk does not give back its header");
    }

    FaultyFiles files = new FaultyFiles(withoutHints(more));
    files.unreadable(Segment.name(1), 0, 512);
    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).containsOnlyKeys(behind);
      assertThat(onlyDamage(spool).toString()).contains("the disk does not give back its header");
    }
    assertThat(files.content())
        .doesNotContainKey(Segment.name(1))
        .containsEntry("damaged/" + Segment.name(1), of(more.content(), Segment.name(1)));
  }

  /// Its place on the disk is not for new mail.
  @Test
  void aSegmentWithABlockThatCannotBeReadIsNeverUsedAgain() throws Exception {
    Left left = new Left(600_000);
    FaultyFiles files = new FaultyFiles(left.content);
    files.unreadable(Segment.name(1), 4_096, 8_192);

    try (LogSpool spool = open(files)) {
      SpoolHistory history = new SpoolHistory(files);
      history.commit(spool, 10);
      var _ =
          spool.settle(
              new Settlement(
                  left.ids.getFirst(), List.of(new RecipientState.Delivered()), List.of()));
      history.commit(spool, 600_000);
      history.commit(spool, 600_000);
      SpoolWait.until(() -> !files.content().containsKey(Segment.name(1)));
    }

    assertThat(files.content())
        .containsEntry("damaged/" + Segment.name(1), of(left.content, Segment.name(1)));
  }

  /// Reading it needs no start.
  @Test
  void aMessageThatCannotBeReadIsToldWhenItIsOpened() throws Exception {
    FaultyFiles files = new FaultyFiles();
    try (LogSpool spool = open(files)) {
      EnvelopeId id = new SpoolHistory(files).commit(spool, 20_000);
      files.unreadable(Segment.name(1), 8_192, 12_288);

      assertThatThrownBy(() -> spool.open(id)).hasMessageContaining(Segment.name(1));
      assertThat(onlyDamage(spool).toString()).contains("MESSAGE record of " + id);

      files.heal();
      assertThat(spool.open(id)).isPresent();
    }
  }

  /// All mail would be taken for damaged, while it only cannot be reached.
  @Test
  void aDiskThatGivesTooLittleBackKeepsTheSpoolShut() {
    segmentSize = 2 << 20;
    Left left = new Left(600_000, 600_000);
    FaultyFiles files = new FaultyFiles(left.content);
    files.unreadable(Segment.name(1), 4_096, 4_096 * 300);

    assertThatThrownBy(() -> open(files))
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining(folder.resolve(Segment.name(1)) + ": Input/output error");
    assertThat(files.content())
        .hasSize(1)
        .containsEntry(Segment.name(1), of(left.content, Segment.name(1)));
  }

  @Test
  void verifyingTellsTheSame() throws Exception {
    Left left = new Left(20_000, 20_000, 20_000);
    for (int at : new int[] {0, 4_096, 24_576, 45_056}) {
      FaultyFiles files = new FaultyFiles(left.content);
      files.unreadable(Segment.name(1), at, at + 4_096);
      SpoolVerifier.Report report = SpoolVerifier.verify(folder, files.files());

      try (LogSpool spool = open(files)) {
        assertThat(report.damages()).isEqualTo(spool.damages());
        assertThat(report.messages()).hasSize((int) spool.usage().messages());
      }
    }
  }
}
