package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.StoredMessage;
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
    damage(lastOf(1, filling), 1);
  }

  private void damage(int at, int bits) throws IOException {
    flip(1, at, bits);
    try (LogSpool spool = open()) {
      assertThat(spool.damages()).hasSize(1);
    }
  }

  private void flip(int sequence, int at, int bits) throws IOException {
    Path segment = folder.resolve(Segment.name(sequence));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[at] ^= (byte) bits;
    Files.write(segment, bytes);
    Files.deleteIfExists(folder.resolve(Segment.hintName(sequence)));
  }

  private int lastOf(int sequence, char filling) throws IOException {
    String segment = Files.readString(folder.resolve(Segment.name(sequence)), ISO_8859_1);
    return segment.lastIndexOf(("" + filling).repeat(3));
  }

  /// Nothing else is in the spool, so that housekeeping takes back what nobody needs.
  private void startUntilItsSegmentIsGone() throws Exception {
    try (LogSpool spool = open()) {
      assertThat(spool.damages()).hasSize(1);
    }
    startUntilTheFirstSegmentIsGone();
  }

  private void startUntilTheFirstSegmentIsGone() throws Exception {
    try (LogSpool spool = open()) {
      SpoolContract.commit(spool, SpoolContract.envelope("later"), content(10, 'l'));
      SpoolWait.until(() -> !Files.exists(folder.resolve(Segment.name(1))));
    }
  }

  private void assertSalvaged(EnvelopeId id, String content) throws IOException {
    assertThat(Salvage.run(folder, into))
        .filteredOn(Salvage.Piece.Message.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            Salvage.Piece.Message.class,
            m -> {
              assertThat(m.id()).isEqualTo(id);
              assertThat(m.missing()).isZero();
              assertThat(m.file()).content(ISO_8859_1).endsWith(".test\r\n" + content);
            });
  }

  /// Its record does not count, so that nothing in the log needs the rest of its content.
  @ParameterizedTest
  @ValueSource(ints = {900_000, 5_000_000})
  void theGoodContentOfADamagedMessageOutlivesItsSegments(int size) throws Exception {
    EnvelopeId id;
    try (LogSpool spool = open()) {
      id = SpoolContract.commit(spool, SpoolContract.envelope("a"), content(size, 'm'));
    }
    int last = size > 4 << 20 ? 2 : 1;
    int at = lastOf(last, 'm');
    flip(last, at, 1);

    startUntilItsSegmentIsGone();

    int behind = 2;
    assertSalvaged(id, "m".repeat(size - behind - 1) + "l" + "m".repeat(behind));
  }

  /// The first 24 bytes of a record say what it is.
  @Test
  void aMessageIsHadWhicheverByteOfItsHeaderHasChanged() throws Exception {
    EnvelopeId id;
    try (LogSpool spool = open()) {
      id = SpoolContract.commit(spool, SpoolContract.envelope("a"), content(300_000, 'm'));
    }
    byte[] good = Files.readAllBytes(folder.resolve(Segment.name(1)));
    int header = Segment.HEADER + LogRecord.size(LogWriter.CHUNK);
    int idAt = LogRecord.HEADER - Long.BYTES;
    for (int at = 0; at < LogRecord.HEADER; at++) {
      Files.write(folder.resolve(Segment.name(1)), good);
      damage(header + at, 1 << at % 8);

      EnvelopeId found =
          at < idAt
              ? id
              : new EnvelopeId(id.value() ^ 1L << at % 8 << 8 * (LogRecord.HEADER - 1 - at));
      assertSalvaged(found, "m".repeat(300_000));
    }
  }

  /// The message counts, is tried, and nobody will ever get it; its sender is told in the end.
  @Test
  void aMessageWithADamagedChunkIsHadAfterItHasBeenGivenUp() throws Exception {
    EnvelopeId id;
    try (LogSpool spool = open()) {
      id = SpoolContract.commit(spool, SpoolContract.envelope("a"), content(900_000, 'm'));
    }
    flip(1, Segment.HEADER + LogRecord.HEADER, 1);
    try (LogSpool spool = open()) {
      try (StoredMessage message = spool.open(id).orElseThrow()) {
        assertThatThrownBy(() -> SpoolContract.bytes(message.content()))
            .hasMessageContaining("damaged");
      }
      spool
          .settle(new Settlement(id, List.of(new RecipientState.Failed("damaged")), List.of()))
          .join();
    }

    startUntilTheFirstSegmentIsGone();

    assertSalvaged(id, "l" + "m".repeat(899_999));
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
