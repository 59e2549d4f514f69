package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.SpoolException;
import org.depesche.spool.StoredMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Whatever byte of a spool is wrong: all is as before, or the damage is told, a copy of it is kept
/// and everything it did not hit is as before. Nothing wrong is ever taken for right.
@Execution(ExecutionMode.CONCURRENT)
class FlippedByteTest {

  @TempDir Path folder;

  /// What the spool holds, and what reading it gives.
  private final Map<EnvelopeId, RecipientState> states = new HashMap<>();

  private final Map<EnvelopeId, byte[]> contents = new HashMap<>();
  private Map<String, byte[]> good = Map.of();

  private LogSpool open(FaultyFiles files) {
    return SpoolHistory.open(files, folder, 1 << 20);
  }

  @BeforeEach
  void fill() throws Exception {
    FaultyFiles files = new FaultyFiles();
    SpoolHistory history = new SpoolHistory(files);
    try (LogSpool spool = open(files)) {
      EnvelopeId deferred = history.commit(spool, 50);
      EnvelopeId gone = history.commit(spool, 40);
      EnvelopeId failed = history.commit(spool, 30);
      history.defer(spool, deferred);
      history.remove(spool, gone);
      history.remove(spool, failed, 60);
      history.commit(spool, 300_000);
      history.commit(spool, 10);
    }
    good = files.content();
    try (LogSpool spool = open(files)) {
      states.putAll(SpoolHistory.shown(spool));
      contents.putAll(readable(spool, states.keySet()));
    }
    assertThat(states).hasSize(4);
    assertThat(contents).hasSize(4);
  }

  private static Map<EnvelopeId, byte[]> readable(LogSpool spool, Set<EnvelopeId> ids) {
    Map<EnvelopeId, byte[]> readable = new HashMap<>();
    for (EnvelopeId id : ids) {
      try (StoredMessage message = spool.open(id).orElseThrow()) {
        readable.put(id, SpoolContract.bytes(message.content()));
      } catch (SpoolException | IOException e) {
        // Told, and not readable.
      }
    }
    return readable;
  }

  /// Every byte, but of long content only some.
  private static List<Integer> places(byte[] file) {
    List<Integer> places = new ArrayList<>();
    for (int at = 0; at < file.length; at += at > 2_000 && at < file.length - 500 ? 7_919 : 1) {
      places.add(at);
    }
    return places;
  }

  private Map<String, byte[]> flipped(String name, int at, boolean hints) {
    Map<String, byte[]> bad = new TreeMap<>(good);
    byte[] bytes = Objects.requireNonNull(good.get(name)).clone();
    bytes[at] ^= (byte) (1 << at % 8);
    bad.put(name, bytes);
    if (!hints) {
      bad.keySet().removeIf(n -> n.endsWith(".hint"));
    }
    return bad;
  }

  @Test
  void ofASegment() throws Exception {
    String name = Segment.name(1);
    int told = 0;
    for (int at : places(Objects.requireNonNull(good.get(name)))) {
      Map<String, byte[]> bad = flipped(name, at, false);
      SpoolVerifier.Report report = SpoolVerifier.verify(folder, new FaultyFiles(bad).files());
      FaultyFiles files = new FaultyFiles(bad);
      try (LogSpool spool = open(files)) {
        Map<EnvelopeId, RecipientState> shown = SpoolHistory.shown(spool);
        assertThat(report.damages().isEmpty()).isEqualTo(spool.damages().isEmpty());
        assertThat(report.messages()).hasSameSizeAs(shown.keySet());
        Set<EnvelopeId> hit = hit(spool, shown, at);
        // Of a message that is gone since, nothing is left to be hit.
        assertThat(hit.isEmpty() || !spool.damages().isEmpty()).isTrue();
        if (!spool.damages().isEmpty()) {
          told++;
          assertThat(files.content().keySet()).anyMatch(n -> n.startsWith("damaged/"));
        }
      }
      afterwards(files);
    }
    assertThat(told).isGreaterThan(500);
  }

  private static boolean isHeader(int at) {
    return at < Segment.HEADER;
  }

  /// Messages that are not as they were: at most those of one group of records.
  private Set<EnvelopeId> hit(LogSpool spool, Map<EnvelopeId, RecipientState> shown, int at) {
    Map<EnvelopeId, byte[]> read = readable(spool, shown.keySet());
    Set<EnvelopeId> hit = new HashSet<>(states.keySet());
    hit.addAll(shown.keySet());
    hit.removeIf(
        id ->
            Objects.equals(shown.get(id), states.get(id))
                && Arrays.equals(read.get(id), contents.get(id)));
    assertThat(hit).as("hit by a flipped bit at %s", at).hasSizeLessThanOrEqualTo(2);
    read.forEach(
        (id, bytes) ->
            assertThat(bytes)
                .isEqualTo(contents.getOrDefault(id, SpoolHistory.content(id, bytes.length))));
    return hit;
  }

  /// What was told once is not told again, and what could be read still can.
  private void afterwards(FaultyFiles files) throws Exception {
    Map<EnvelopeId, RecipientState> shown;
    try (LogSpool spool = open(files)) {
      shown = SpoolHistory.shown(spool);
      assertThat(spool.damages()).isEmpty();
    }
    assertThat(shown).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void ofASegmentWhoseHintsAreThere() throws Exception {
    String name = Segment.name(1);
    for (int at : places(Objects.requireNonNull(good.get(name)))) {
      try (LogSpool spool = open(new FaultyFiles(flipped(name, at, true)))) {
        Map<EnvelopeId, RecipientState> shown = SpoolHistory.shown(spool);
        assertThat(shown).isEqualTo(states);
        Set<EnvelopeId> hit = hit(spool, shown, at);
        // The hints need nothing of what stands between: it is told when somebody wants it.
        assertThat(hit).hasSizeLessThanOrEqualTo(1);
        assertThat(spool.damages().isEmpty()).isEqualTo(hit.isEmpty() && !isHeader(at));
      }
    }
  }

  @Test
  void ofHintsCostsTimeOnly() throws Exception {
    String name = Segment.hintName(1);
    for (int at : places(Objects.requireNonNull(good.get(name)))) {
      try (LogSpool spool = open(new FaultyFiles(flipped(name, at, true)))) {
        assertThat(spool.damages()).isEmpty();
        assertThat(SpoolHistory.shown(spool)).isEqualTo(states);
        assertThat(readable(spool, states.keySet())).hasSize(4);
      }
    }
  }

  @Test
  void hintsThatAreCutOffAnywhereCostTimeOnly() throws Exception {
    String name = Segment.hintName(1);
    byte[] whole = Objects.requireNonNull(good.get(name));
    for (int length = 0; length < whole.length; length += 5) {
      Map<String, byte[]> bad = new TreeMap<>(good);
      bad.put(name, Arrays.copyOf(whole, length));
      try (LogSpool spool = open(new FaultyFiles(bad))) {
        assertThat(spool.damages()).isEmpty();
        assertThat(SpoolHistory.shown(spool)).isEqualTo(states);
      }
    }
  }

  /// A format that can be that of a later version is believed; any other is told and put right,
  /// because the segments say theirs too.
  @Test
  void ofTheFormatIsToldOrBelieved() throws Exception {
    Path format = folder.resolve("format");
    byte[] right = Files.readAllBytes(format);
    for (int bit = 0; bit < right.length * 8; bit++) {
      byte[] bad = right.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(format, bad);
      // The file is read from the disk, and only there can segments be seen beside it.
      Files.write(folder.resolve(Segment.name(1)), new byte[0]);

      String text = new String(bad, ISO_8859_1).strip();
      if (text.matches("depesche-spool [0-9]+") && !text.equals("depesche-spool 1")) {
        assertThatThrownBy(() -> open(new FaultyFiles(good)))
            .isInstanceOf(SpoolException.class)
            .hasMessageContaining("its format is");
        assertThat(format).hasBinaryContent(bad);
        continue;
      }
      try (LogSpool spool = open(new FaultyFiles(good))) {
        assertThat(SpoolHistory.shown(spool)).isEqualTo(states);
        assertThat(spool.damages().isEmpty()).isEqualTo(text.equals("depesche-spool 1"));
      }
      assertThat(Files.readString(format).strip()).isEqualTo("depesche-spool 1");
    }
  }

  /// Who writes a message cannot know what binds records to their segment, so that damage never
  /// turns what stands in it into records.
  @Test
  void ofAMessageDoesNotLetItsContentIn() throws Exception {
    ByteBuffer forged = ByteBuffer.allocate(8_000);
    LogRecord.Key guessed = new LogRecord.Key(1, 0);
    for (EnvelopeId id : states.keySet()) {
      while (forged.remaining() > 4_000) {
        int sum =
            LogRecord.checksum(new CRC32C(), guessed, 0, LogRecord.Type.REMOVAL, 0, id.value());
        LogRecord.header(forged, guessed, 0, LogRecord.Type.REMOVAL, 0, sum, id.value());
      }
    }
    FaultyFiles files = new FaultyFiles(good);
    EnvelopeId carrier;
    try (LogSpool spool = open(files)) {
      carrier = SpoolContract.commit(spool, SpoolContract.envelope("a"), forged.array());
    }
    Map<String, byte[]> bad = new TreeMap<>(files.content());
    bad.keySet().removeIf(name -> name.endsWith(".hint"));
    byte[] last = Objects.requireNonNull(bad.get(Segment.name(2)));
    last[Segment.HEADER + 1] ^= 1;

    try (LogSpool spool = open(new FaultyFiles(bad))) {
      assertThat(SpoolHistory.shown(spool)).isEqualTo(states).doesNotContainKey(carrier);
      assertThat(spool.damages()).hasSize(1);
    }
  }

  /// A file that is nothing we know is not touched, let alone used again.
  @Test
  void ofAWholeSegmentIsKeptAside() throws Exception {
    Map<String, byte[]> bad = new TreeMap<>(good);
    byte[] foreign = new byte[5_000];
    Arrays.fill(foreign, (byte) 7);
    bad.put(Segment.name(5), foreign);
    FaultyFiles files = new FaultyFiles(bad);

    try (LogSpool spool = open(files)) {
      assertThat(SpoolHistory.shown(spool)).isEqualTo(states);
      assertThat(spool.damages()).hasSize(1);
    }
    assertThat(files.content())
        .doesNotContainKey(Segment.name(5))
        .containsEntry("damaged/" + Segment.name(5), foreign);
  }

  @Test
  void thatIsMissingAtTheEndIsTold() throws Exception {
    Map<String, byte[]> bad = new TreeMap<>(good);
    byte[] whole = Objects.requireNonNull(good.get(Segment.name(1)));
    bad.put(Segment.name(1), Arrays.copyOf(whole, whole.length / 2));
    SpoolVerifier.Report report = SpoolVerifier.verify(folder, new FaultyFiles(bad).files());

    try (LogSpool spool = open(new FaultyFiles(bad))) {
      assertThat(spool.damages())
          .singleElement()
          .extracting(Damage::toString)
          .asString()
          .contains("cut short");
      assertThat(report.damages()).hasSameElementsAs(spool.damages());
      assertThat(states.keySet()).containsAll(SpoolHistory.shown(spool).keySet());
    }
  }
}
