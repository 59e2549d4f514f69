package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/// The files of the log: makes segments, takes back those that are free, reads and writes hints.
final class SegmentStore {

  /// Free segments kept for reuse. A file whose blocks are there costs no journal at a sync, and
  /// none at its removal.
  private static final int SPARES = 4;

  private static final int SEAL_SIZE = LogRecord.size(0);

  /// Bytes copied at a time.
  private static final int COPY = 1 << 20;

  /// Records begin at multiples of 8.
  private static final int MOST_ZEROS = 7;

  private final Path folder;
  private final FileLayer files;
  private final LogState state;
  private final RandomGenerator chance;
  private final DamagedFolder damaged;
  private final ArrayDeque<Path> spares = new ArrayDeque<>();
  private int spareNames;
  private int lastSequence;

  SegmentStore(Path folder, FileLayer files, LogState state, RandomGenerator chance) {
    this.folder = folder;
    this.files = files;
    this.state = state;
    this.chance = chance;
    this.damaged = new DamagedFolder(folder, files, state);
  }

  /// Opens what is there, oldest first. Spares of an earlier run are deleted: their number is not
  /// worth keeping.
  List<Segment> open() throws IOException {
    List<Segment> opened = new ArrayList<>();
    Set<Path> all = new LinkedHashSet<>(files.list(folder));
    for (Path path : all) {
      String name = path.getFileName().toString();
      int sequence = Segment.sequence(name);
      if (sequence > 0) {
        opened.add(new Segment(sequence, path, files.open(path)));
        lastSequence = Math.max(lastSequence, sequence);
      } else if (name.matches("[0-9]+\\.spare") || isOrphan(path, all)) {
        files.delete(path);
      }
    }
    return opened;
  }

  /// True for hints without a segment.
  private static boolean isOrphan(Path path, Set<Path> all) {
    String name = path.getFileName().toString();
    return name.matches("[0-9a-f]{16}\\.hint")
        && !all.contains(path.resolveSibling(name.replace(".hint", ".log")));
  }

  /// A new segment, its name and header on stable storage. It has its name only when its header is
  /// durable, so that no crash leaves a segment without one.
  synchronized Segment begin() throws IOException {
    int sequence = Math.incrementExact(lastSequence);
    lastSequence = sequence;
    SegmentHeader header = new SegmentHeader(sequence, chance.nextLong());
    Path spare = spares.poll();
    Path unnamed = spare == null ? newSpare() : spare;
    Path path = folder.resolve(Segment.name(sequence));
    Segment segment = new Segment(sequence, path, files.open(unnamed));
    try {
      segment.file.write(header.bytes(), 0);
      segment.file.force();
      files.rename(unnamed, path);
      files.forceFolder(folder);
    } catch (IOException e) {
      segment.file.close();
      discard(unnamed);
      discard(path);
      throw e;
    }
    segment.key = new LogRecord.Key(sequence, header.salt());
    segment.end = Segment.HEADER;
    state.add(segment);
    return segment;
  }

  private Path newSpare() {
    return folder.resolve(++spareNames + ".spare");
  }

  /// Deletes what could not be made whole. Best effort: the next start knows it for what it is.
  private void discard(Path path) {
    try {
      files.delete(path);
    } catch (IOException e) {
      // It stays.
    }
  }

  /// Ends a segment at its good end, in place of whoever could not. What is behind it was never
  /// acknowledged, and nobody shall have to wonder about it.
  ///
  /// @param synced all before its end is on stable storage
  void end(Segment segment, boolean synced) throws IOException {
    segment.file.truncate(segment.end);
    int flags = synced ? LogRecord.SYNCED : 0;
    LogRecord.Type type = LogRecord.Type.SEAL;
    int checksum = LogRecord.checksum(new CRC32C(), segment.key, 0, type, flags, 0);
    ByteBuffer seal = ByteBuffer.allocate(SEAL_SIZE);
    LogRecord.header(seal, segment.key, 0, type, flags, checksum, 0);
    segment.file.write(seal.flip(), segment.end);
    segment.file.force();
  }

  /// Makes durable what has been read, because from now on it counts. A process that was killed may
  /// have written what it could not sync any more; and after a sync that failed, what is read is
  /// not what is on the disk, and only writing it again changes that.
  ///
  /// @param from all before it is on stable storage
  void makeDurable(Segment segment, int from) throws IOException {
    PatientReader reader = new PatientReader(segment);
    ByteBuffer piece = ByteBuffer.allocate(Math.min(COPY, Math.max(0, segment.end - from)));
    int at = from;
    while (at < segment.end) {
      // In a segment that is kept some blocks may be unreadable, and those are left alone.
      int end = segment.kept ? PatientReader.endOfBlock(at) : at + COPY;
      piece.clear().limit(Math.min(end, segment.end) - at);
      int read = reader.read(piece, at);
      // The last record counts without the zeros behind it, which a write that was cut off may
      // lack.
      if (at + read < segment.end - MOST_ZEROS && read < piece.limit()) {
        throw new IOException("it has become shorter");
      }
      Arrays.fill(piece.array(), read, piece.limit(), (byte) 0);
      if (!reader.lacks(at, at + piece.limit())) {
        segment.file.write(piece.rewind(), at);
      }
      at += piece.limit();
    }
    segment.file.force();
  }

  /// Takes back a segment that nobody needs. May be called again when it has failed.
  synchronized void free(Segment segment, int segmentSize) throws IOException {
    if (!segment.unlinked) {
      files.delete(folder.resolve(Segment.hintName(segment.sequence)));
      if (segment.kept) {
        damaged.take(segment);
      } else if (isWorthKeeping(segment, segmentSize)) {
        Path spare = newSpare();
        files.rename(segment.path, spare);
        segment.spare = spare;
      } else {
        files.delete(segment.path);
      }
      segment.unlinked = true;
    }
    if (segment.kept) {
      damaged.force();
    }
    // Before it is written to again: else a crash could show the new content under the old name.
    files.forceFolder(folder);
    segment.file.close();
    if (segment.spare != null) {
      spares.add(segment.spare);
    }
  }

  private boolean isWorthKeeping(Segment segment, int segmentSize) throws IOException {
    return !segment.failed && spares.size() < SPARES && segment.file.size() >= segmentSize / 2;
  }

  /// Deletes the spares: somebody else needs the space.
  synchronized void dropSpares() throws IOException {
    for (Path spare = spares.poll(); spare != null; spare = spares.poll()) {
      files.delete(spare);
    }
  }

  /// The hints of a segment.
  ///
  /// @throws IOException when there are none that can be believed
  Hints.Read readHints(Segment segment) throws IOException {
    return readHints(files, segment);
  }

  static Hints.Read readHints(FileLayer files, Segment segment) throws IOException {
    Path path = segment.path.resolveSibling(Segment.hintName(segment.sequence));
    try (FileLayer.LogFile file = files.read(path)) {
      if (file.size() > segment.file.size() + Segment.HEADER) {
        throw new IOException("hints that are bigger than their segment");
      }
      byte[] bytes = new byte[(int) file.size()];
      file.read(ByteBuffer.wrap(bytes), 0);
      return Hints.parse(bytes, segment.sequence);
    }
  }

  void writeHints(Segment segment, byte[] entries) throws IOException {
    try (FileLayer.LogFile file = files.open(folder.resolve(Segment.hintName(segment.sequence)))) {
      ByteBuffer bytes = Hints.file(segment.key, segment.end, entries);
      int length = bytes.remaining();
      file.write(bytes, 0);
      file.truncate(length);
    }
  }

  /// Makes the next start read the segment itself. Best effort.
  void forgetHints(Segment segment) {
    discard(folder.resolve(Segment.hintName(segment.sequence)));
  }

  /// Where damage is set aside.
  DamagedFolder damaged() {
    return damaged;
  }

  long usableBytes() throws IOException {
    return files.usableBytes(folder);
  }

  /// Writes the header again, once its damage has been set aside. Best effort.
  void repairHeader(Segment segment) {
    if (segment.kept) {
      return;
    }
    try {
      segment.file.write(new SegmentHeader(segment.sequence, segment.key.salt()).bytes(), 0);
      segment.file.force();
    } catch (IOException e) {
      // The next start says it again.
    }
  }

  void closeAll() throws IOException {
    for (Segment segment : state.segments()) {
      segment.file.close();
    }
  }
}
