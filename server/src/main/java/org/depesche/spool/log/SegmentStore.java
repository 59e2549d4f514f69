package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// The files of the log: makes segments, takes back those that are free, reads and writes hints.
final class SegmentStore {

  /// Free segments kept for reuse. A file whose blocks are there costs no journal at a sync, and
  /// none at its removal.
  private static final int SPARES = 4;

  private final Path folder;
  private final FileLayer files;
  private final LogState state;
  private final ArrayDeque<Path> spares = new ArrayDeque<>();
  private final AtomicInteger spareNames = new AtomicInteger();
  private int lastSequence;

  SegmentStore(Path folder, FileLayer files, LogState state) {
    this.folder = folder;
    this.files = files;
    this.state = state;
  }

  /// Opens what is there, oldest first. Spares of an earlier run are deleted: their number is not
  /// worth keeping.
  List<Segment> open() throws IOException {
    List<Segment> opened = new ArrayList<>();
    for (Path path : files.list(folder)) {
      String name = path.getFileName().toString();
      if (name.matches("[0-9a-f]{16}\\.log")) {
        int sequence = (int) Long.parseLong(name.substring(0, 16), 16);
        opened.add(new Segment(sequence, path, files.open(path)));
        lastSequence = Math.max(lastSequence, sequence);
      } else if (name.matches("[0-9]+\\.spare")) {
        files.delete(path);
      }
    }
    return opened;
  }

  /// A new segment, its name and header on stable storage.
  synchronized Segment begin() throws IOException {
    int sequence = ++lastSequence;
    Path path = folder.resolve(Segment.name(sequence));
    Path spare = spares.poll();
    if (spare != null) {
      files.rename(spare, path);
    }
    Segment segment = new Segment(sequence, path, files.open(path));
    try {
      segment.file.write(Segment.header(sequence), 0);
      segment.file.force();
      files.forceFolder(folder);
    } catch (IOException e) {
      segment.file.close();
      throw e;
    }
    segment.end = Segment.HEADER;
    state.add(segment);
    return segment;
  }

  /// Cuts off what is behind the good end of a segment, so that nobody has to wonder about it. Best
  /// effort: what cannot be cut is found to be torn by the next start.
  void cut(Segment segment) {
    try {
      segment.file.truncate(segment.end);
      segment.file.force();
    } catch (IOException e) {
      // The segment is left as it is.
    }
  }

  /// Takes back a segment that nobody needs.
  synchronized void free(Segment segment, int segmentSize) throws IOException {
    boolean whole = segment.file.size() >= segmentSize / 2 && spares.size() < SPARES;
    segment.file.close();
    files.delete(folder.resolve(Segment.hintName(segment.sequence)));
    if (!whole) {
      files.delete(segment.path);
      files.forceFolder(folder);
      return;
    }
    Path spare = folder.resolve(spareNames.incrementAndGet() + ".spare");
    files.rename(segment.path, spare);
    // Before it is written to again: else a crash could show the new content under the old name.
    files.forceFolder(folder);
    spares.add(spare);
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
  Hints.Read readHints(int sequence) throws IOException {
    Path path = folder.resolve(Segment.hintName(sequence));
    if (!files.list(folder).contains(path)) {
      throw new IOException("no hints");
    }
    try (FileLayer.LogFile file = files.open(path)) {
      byte[] bytes = new byte[(int) Math.min(file.size(), Integer.MAX_VALUE - 16)];
      file.read(ByteBuffer.wrap(bytes), 0);
      return Hints.parse(bytes, sequence);
    }
  }

  void writeHints(Segment segment, byte[] entries) throws IOException {
    try (FileLayer.LogFile file = files.open(folder.resolve(Segment.hintName(segment.sequence)))) {
      ByteBuffer bytes = Hints.file(segment.sequence, segment.end, entries);
      int length = bytes.remaining();
      file.write(bytes, 0);
      file.truncate(length);
    }
  }

  /// Keeps a copy of damaged bytes.
  void setAside(Segment segment, int offset, int length) throws IOException {
    Path damaged = folder.resolve("damaged");
    java.nio.file.Files.createDirectories(damaged);
    byte[] bytes = new byte[length];
    segment.file.read(ByteBuffer.wrap(bytes), offset);
    Path copy = damaged.resolve("%016x-%08x.bin".formatted(segment.sequence, offset));
    try (FileLayer.LogFile file = files.open(copy)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.truncate(length);
      file.force();
    }
  }

  long usableBytes() throws IOException {
    return files.usableBytes(folder);
  }

  void closeAll() throws IOException {
    for (Segment segment : state.segments()) {
      segment.file.close();
    }
  }
}
