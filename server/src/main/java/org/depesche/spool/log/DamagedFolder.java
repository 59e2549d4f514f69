package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.depesche.spool.log.MessagePayload.Chunk;

/// The folder `damaged` of a spool: `<sequence>-<offset>.bin` are bytes that are damaged,
/// `<sequence>-<offset>.chunk` is content that a message in them has elsewhere, `<sequence>.log` a
/// whole segment. Nobody but the operator removes any of it.
final class DamagedFolder {

  /// Bytes copied at a time.
  private static final int COPY = 1 << 20;

  /// So much is looked through for messages; no group of records is longer.
  private static final int LOOKED_THROUGH = 16 << 20;

  private static final String DAMAGED = ".bin";
  private static final String CHUNK = ".chunk";

  /// Bytes of a segment to be kept.
  private record Stretch(Segment segment, int offset, int length, String suffix) {}

  private final Path spool;
  private final FileLayer files;
  private final LogState state;

  DamagedFolder(Path spool, FileLayer files, LogState state) {
    this.spool = spool;
    this.files = files;
    this.state = state;
  }

  static Path in(Path spool) {
    return spool.resolve("damaged");
  }

  /// True for the name of a copy of damaged bytes.
  static boolean isDamaged(Path copy) {
    return copy.getFileName().toString().endsWith(DAMAGED);
  }

  /// True for the name of a copy of content.
  static boolean isChunk(Path copy) {
    return copy.getFileName().toString().endsWith(CHUNK);
  }

  /// Where a copy of a chunk is, if there is one.
  static Path chunk(Path spool, Chunk chunk) {
    return in(spool).resolve(name(chunk.segment(), chunk.offset(), CHUNK));
  }

  /// Where a copy of damaged bytes is, if there is one.
  static Path damaged(Path spool, int sequence, int offset) {
    return in(spool).resolve(name(sequence, offset, DAMAGED));
  }

  private static String name(int sequence, int offset, String suffix) {
    return "%016x-%08x%s".formatted(sequence, offset, suffix);
  }

  /// Keeps a copy of damaged bytes, and of the chunks of messages in them: a record that does not
  /// count holds none, and their segment may go any time. When there is no room for that, nothing
  /// of it may go.
  ///
  /// @return what is to be told
  Damage copy(Segment segment, Damage damage) {
    List<Stretch> stretches = new ArrayList<>();
    stretches.add(new Stretch(segment, (int) damage.offset(), (int) damage.length(), DAMAGED));
    try {
      addChunks(stretches);
      for (Stretch stretch : stretches) {
        copy(stretch);
      }
      force();
      return damage;
    } catch (IOException e) {
      stretches.forEach(stretch -> stretch.segment().kept = true);
      return damage.withoutCopy(e);
    }
  }

  private void addChunks(List<Stretch> stretches) throws IOException {
    Stretch damage = stretches.getFirst();
    byte[] bytes = new byte[Math.min(damage.length(), LOOKED_THROUGH)];
    int read = new PatientReader(damage.segment()).read(ByteBuffer.wrap(bytes), damage.offset());
    for (DamagedBytes.Found found : DamagedBytes.records(Arrays.copyOf(bytes, read))) {
      if (found.type() == LogRecord.Type.MESSAGE) {
        chunks(bytes, found).forEach(chunk -> add(chunk, stretches));
      }
    }
  }

  private static List<Chunk> chunks(byte[] bytes, DamagedBytes.Found message) {
    try {
      return MessagePayload.decode(bytes, message.payload(), message.length()).chunks();
    } catch (IOException e) {
      return List.of();
    }
  }

  private void add(Chunk chunk, List<Stretch> stretches) {
    Segment home = state.segment(chunk.segment());
    if (home != null) {
      // Where and how long it is said to be is among what may be damaged.
      int length = LogRecord.HEADER + Math.min(chunk.length(), LogWriter.CHUNK);
      stretches.add(new Stretch(home, chunk.offset(), length, CHUNK));
    }
  }

  private void copy(Stretch stretch) throws IOException {
    int length = stretch.length();
    String name = name(stretch.segment().sequence, stretch.offset(), stretch.suffix());
    ByteBuffer piece = ByteBuffer.allocate(Math.min(length, COPY));
    PatientReader reader = new PatientReader(stretch.segment());
    Path copy = folder().resolve(name);
    try (FileLayer.LogFile file = files.open(copy)) {
      for (int done = 0; done < length; done += piece.limit()) {
        piece.clear().limit(Math.min(length - done, COPY));
        int read = reader.read(piece, stretch.offset() + done);
        if (read == 0) {
          break;
        }
        file.write(piece.flip(), done);
      }
      file.truncate(length);
      file.force();
    } catch (IOException e) {
      // Half a copy would look like a whole one.
      files.delete(copy);
      throw e;
    }
  }

  /// Takes a whole segment, for which there is always room.
  void take(Segment segment) throws IOException {
    files.rename(segment.path, folder().resolve(segment.path.getFileName()));
  }

  /// Makes durable what is here.
  void force() throws IOException {
    files.forceFolder(in(spool));
    files.forceFolder(spool);
  }

  private Path folder() throws IOException {
    return Files.createDirectories(in(spool));
  }
}
