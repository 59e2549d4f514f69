package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A start comes upon damage, and the disk is of no help: the mail goes out all the same, and
/// nothing that may still be wanted is thrown away.
class BadDiskTest {

  private static final int SEGMENT = 1 << 20;

  @TempDir Path folder;

  private LogSpool open(FaultyFiles files) {
    return SpoolHistory.open(files, folder, SEGMENT);
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
}
