package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.SpoolContract;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes change on the disk, a start sets the record aside, and an operator wants the message.
class SalvageTest {

  @TempDir Path data;
  private Path folder = Path.of("");
  private Path into = Path.of("");

  @BeforeEach
  void name() {
    folder = data.resolve("spool");
    into = data.resolve("out");
  }

  private LogSpool open() {
    return LogSpool.open(
        new LogSpoolSettings(folder, 4 << 20, 0, Duration.ofSeconds(30)),
        () -> Instant.parse("2026-03-01T12:00:01Z"),
        Ticker.system());
  }

  private static byte[] content(int size, char filling) {
    byte[] content = new byte[size];
    Arrays.fill(content, (byte) filling);
    return content;
  }

  /// Changes the last of the bytes that content was filled with, and starts, so that it is noticed.
  private void damageLast(char filling) throws IOException {
    String segment = Files.readString(folder.resolve(Segment.name(1)), ISO_8859_1);
    damage(segment.lastIndexOf(("" + filling).repeat(3)), 1);
  }

  private void damage(int at, int bits) throws IOException {
    Path segment = folder.resolve(Segment.name(1));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[at] ^= (byte) bits;
    Files.write(segment, bytes);
    Files.deleteIfExists(folder.resolve(Segment.hintName(1)));
    try (LogSpool spool = open()) {
      assertThat(spool.damages()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 900_000})
  void aMessageWithAByteThatChangedIsWrittenOut(int size) throws IOException {
    EnvelopeId id;
    try (LogSpool spool = open()) {
      SpoolContract.commit(spool, SpoolContract.envelope("before"), content(100, 'x'));
      id = SpoolContract.commit(spool, SpoolContract.envelope("a", "b"), content(size, 'm'));
      SpoolContract.commit(spool, SpoolContract.envelope("behind"), content(100, 'z'));
    }
    // What is left of the content of a big message stands in the record of the message itself.
    damageLast('m');

    List<Salvage.Piece> pieces = Salvage.run(folder, into);

    assertThat(pieces)
        .singleElement()
        .isInstanceOfSatisfying(
            Salvage.Piece.Message.class,
            m -> {
              assertThat(m.id()).isEqualTo(id);
              assertThat(m.recipients()).hasSize(2);
              assertThat(m.missing()).isZero();
              assertThat(m.file()).content(ISO_8859_1).contains("m".repeat(400));
              assertThat(m.file().toFile().length()).isGreaterThanOrEqualTo(size);
            });
  }

  @Test
  void aChunkThatIsSaidToBeEndlessTakesNoMoreThanAnother() throws IOException {
    try (LogSpool spool = open()) {
      SpoolContract.commit(spool, SpoolContract.envelope("a"), content(900_000, 'm'));
      SpoolContract.commit(spool, SpoolContract.envelope("behind"), content(100, 'z'));
    }
    String segment = Files.readString(folder.resolve(Segment.name(1)), ISO_8859_1);
    Matcher lastPlace =
        Pattern.compile("\\x00\\x00\\x00\\x01[\\x00-\\xff]{4}\\x00\\x04\\x00\\x00m", Pattern.DOTALL)
            .matcher(segment);
    assertThat(lastPlace.find()).isTrue();
    damage(lastPlace.start() + 8, 0x7f);

    assertThat(Salvage.run(folder, into))
        .singleElement()
        .isInstanceOfSatisfying(
            Salvage.Piece.Message.class,
            m -> {
              assertThat(m.missing()).isZero();
              assertThat(m.file()).content(ISO_8859_1).containsPattern("m{900000}$");
            });
  }

  @Test
  void whatCannotBeReadIsToldAllTheSame() throws IOException {
    try (LogSpool spool = open()) {
      SpoolContract.commit(spool, SpoolContract.envelope("a"), content(300, 'm'));
      SpoolContract.commit(spool, SpoolContract.envelope("behind"), content(100, 'z'));
    }
    Files.createDirectories(folder.resolve("damaged"));
    Files.write(folder.resolve("damaged/0000000000000001-00000040.bin"), new byte[4000]);
    Files.writeString(folder.resolve("damaged/format"), "nonsense");
    Files.write(folder.resolve("damaged/short.bin"), new byte[3]);

    assertThat(Salvage.run(folder, into))
        .hasSize(3)
        .allSatisfy(piece -> assertThat(piece).isInstanceOf(Salvage.Piece.Other.class));
    assertThat(into).doesNotExist();
  }

  @Test
  void aHealthySpoolHasNothing() throws IOException {
    open().close();

    assertThat(Salvage.run(folder, into)).isEmpty();
  }
}
