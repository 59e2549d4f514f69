package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.spool.RecipientState;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever stands in the files of a spool, it opens, and tells what it cannot read.
class SpoolFuzzTest {

  private static final LogRecord.Key KEY = new LogRecord.Key(1, 42);

  /// Opens a spool over files, reads all there is and writes one message.
  private static void use(Map<String, byte[]> content) throws IOException {
    Path folder = Files.createTempDirectory("spool");
    FaultyFiles files = new FaultyFiles(content);
    try {
      EnvelopeId id;
      try (LogSpool spool = SpoolHistory.open(files, folder, 1 << 20)) {
        read(spool);
        id = SpoolContract.commit(spool, SpoolContract.envelope("a"), new byte[10]);
      }
      var _ = SpoolVerifier.verify(folder, files.files());
      try (LogSpool spool = SpoolHistory.open(files, folder, 1 << 20)) {
        read(spool);
        assertThat(spool.open(id)).isPresent();
      }
    } finally {
      delete(folder);
    }
  }

  private static void read(LogSpool spool) {
    List<EnvelopeId> ids = new ArrayList<>();
    spool.scan(stored -> ids.add(stored.id()));
    for (EnvelopeId id : ids) {
      try (StoredMessage message = spool.open(id).orElseThrow()) {
        var _ = SpoolContract.bytes(message.content());
      } catch (SpoolException | IOException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreASegment(byte[] bytes) throws IOException {
    use(Map.of(Segment.name(1), bytes));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 7})
  void aFileMayEndWithinTheZerosBehindItsLastRecord(int missing) throws IOException {
    byte[] payload = {5};
    ByteBuffer segment = ByteBuffer.allocate(4_096).put(new SegmentHeader(1, 42).bytes());
    CRC32C crc = new CRC32C();
    crc.update(payload);
    int checksum = LogRecord.checksum(crc, KEY, 1, LogRecord.Type.CHUNK, 0, 1);
    LogRecord.header(segment, KEY, 1, LogRecord.Type.CHUNK, 0, checksum, 1);
    segment.put(payload).put(new byte[7 - missing]);

    use(Map.of(Segment.name(1), Arrays.copyOf(segment.array(), segment.position())));
  }

  /// Records that are good as far as their checksum goes, and say anything.
  @FuzzTest(maxDuration = "1m")
  void anyRecordsAreASegment(FuzzedDataProvider data) throws IOException {
    ByteBuffer segment = ByteBuffer.allocate(1 << 16).put(new SegmentHeader(1, 42).bytes());
    use(Map.of(Segment.name(1), records(data, segment)));
  }

  private static byte[] records(FuzzedDataProvider data, ByteBuffer into) {
    while (data.remainingBytes() > 0 && into.remaining() > 4_096) {
      LogRecord.Type type = data.pickValue(LogRecord.Type.values());
      int flags = data.consumeInt(0, 7);
      long id = data.consumeLong(0, 3);
      byte[] payload = data.consumeBytes(data.consumeInt(0, 200));
      CRC32C crc = new CRC32C();
      crc.update(payload);
      int checksum = LogRecord.checksum(crc, KEY, payload.length, type, flags, id);
      LogRecord.header(into, KEY, payload.length, type, flags, checksum, id);
      into.put(payload).put(new byte[LogRecord.size(payload.length) - 24 - payload.length]);
    }
    byte[] bytes = new byte[into.flip().remaining()];
    into.get(bytes);
    return bytes;
  }

  /// What a start has set aside is written out or told of, whatever it says.
  @FuzzTest(maxDuration = "1m")
  void anyDamagedRecordIsSalvagedOrToldOf(FuzzedDataProvider data) throws IOException {
    Path folder = Files.createTempDirectory("spool");
    try {
      Files.createDirectory(folder.resolve("damaged"));
      Files.write(folder.resolve(Segment.name(1)), new byte[5_000]);
      Files.write(folder.resolve("damaged/1.bin"), records(data, ByteBuffer.allocate(1 << 16)));

      assertThat(Salvage.run(folder, folder.resolve("out"))).isNotEmpty();
    } finally {
      delete(folder);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreHints(byte[] bytes) throws IOException {
    try {
      Hints.Read read = Hints.parse(bytes, 1);
      assertThat(read.entries()).hasSizeLessThanOrEqualTo(bytes.length);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  /// Hints that are good as far as their checksum goes, and say anything.
  @FuzzTest(maxDuration = "1m")
  void anyEntriesAreHints(byte[] entries) throws IOException {
    ByteBuffer segment = ByteBuffer.allocate(4_096).put(new SegmentHeader(1, 42).bytes());
    ByteBuffer hints = Hints.file(KEY, 4_096, entries);
    byte[] file = new byte[hints.remaining()];
    hints.get(file);
    try {
      // What is read is written alike.
      ByteArrayOutputStream again = new ByteArrayOutputStream();
      Hints.forEach(Hints.parse(file, 1).entries(), new Copy(again));
      assertThat(again.toByteArray()).isEqualTo(entries);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }

    use(Map.of(Segment.name(1), segment.array(), Segment.hintName(1), file));
  }

  private record Copy(ByteArrayOutputStream to) implements Hints.Visitor {

    @Override
    public void message(long id, int offset, int length, byte[] head) {
      Hints.message(to, id, offset, length, head);
    }

    @Override
    public void states(long id, byte[] states) {
      Hints.states(to, id, states);
    }

    @Override
    public void removal(long id) {
      Hints.removal(to, id);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreAnEnvelope(byte[] bytes) throws IOException {
    EnvelopeCodec.Head head;
    try {
      head = EnvelopeCodec.decode(bytes);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    assertThat(EnvelopeCodec.decode(EnvelopeCodec.encode(head))).isEqualTo(head);
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreStates(byte[] bytes) throws IOException {
    List<RecipientState> states;
    try {
      states = EnvelopeCodec.decodeStates(bytes);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    assertThat(EnvelopeCodec.decodeStates(EnvelopeCodec.encodeStates(states))).isEqualTo(states);
  }

  @FuzzTest(maxDuration = "1m")
  void anyEnvelopeIsKeptAsItIs(FuzzedDataProvider data) throws IOException {
    List<Recipient> recipients = new ArrayList<>();
    List<RecipientState> states = new ArrayList<>();
    while (data.remainingBytes() > 40 && recipients.size() < 1_000) {
      recipients.add(
          new Recipient(
              mailbox(data),
              new Notify(
                  data.consumeBoolean(),
                  data.consumeBoolean(),
                  data.consumeBoolean(),
                  data.consumeBoolean()),
              optional(data)));
      states.add(state(data));
    }
    Envelope envelope =
        new Envelope(
            data.consumeBoolean() ? NullPath.INSTANCE : mailbox(data),
            recipients,
            data.pickValue(BodyType.values()),
            data.consumeBoolean(),
            data.pickValue(Return.values()),
            optional(data));
    EnvelopeCodec.Head head =
        new EnvelopeCodec.Head(envelope, Instant.ofEpochMilli(data.consumeLong()), text(data));

    assertThat(EnvelopeCodec.decode(EnvelopeCodec.encode(head))).isEqualTo(head);
    assertThat(EnvelopeCodec.decodeStates(EnvelopeCodec.encodeStates(states))).isEqualTo(states);
  }

  private static Mailbox mailbox(FuzzedDataProvider data) {
    String host = text(data) + "x";
    return new Mailbox(
        text(data), data.consumeBoolean() ? new Domain(host) : new AddressLiteral(host));
  }

  private static RecipientState state(FuzzedDataProvider data) {
    RecipientState.Waiting waiting =
        new RecipientState.Waiting(
            data.consumeInt(),
            Instant.ofEpochMilli(data.consumeLong()),
            data.consumeBoolean(),
            text(data));
    return switch (data.consumeInt(0, 4)) {
      case 0 -> waiting;
      case 1 -> new RecipientState.Held(waiting);
      case 2 -> new RecipientState.Delivered();
      case 3 -> new RecipientState.Failed(text(data));
      default -> new RecipientState.Removed();
    };
  }

  private static Optional<String> optional(FuzzedDataProvider data) {
    return data.consumeBoolean() ? Optional.of(text(data)) : Optional.empty();
  }

  /// Any characters that UTF-8 has.
  private static String text(FuzzedDataProvider data) {
    StringBuilder text = new StringBuilder();
    for (int i = data.consumeInt(0, 20); i > 0; i--) {
      int c = data.consumeInt(0, Character.MAX_CODE_POINT);
      text.appendCodePoint(Character.getType(c) == Character.SURROGATE ? 'x' : c);
    }
    return text.toString();
  }
}
