package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.depesche.spool.log.FileLayer.LogFile;
import org.jspecify.annotations.Nullable;

/// One file of the log and what is still needed of it. Counters are guarded by the spool's lock.
final class Segment {

  /// Magic, format version, sequence, zeros.
  static final int HEADER = 64;

  static final long MAGIC = 0x4445504C4F473031L;
  static final int VERSION = 1;

  final int sequence;
  final Path path;
  final LogFile file;

  /// Messages, states and chunks in here that are needed.
  int live;

  /// Bytes of messages and chunks that are needed.
  long liveBytes;

  /// Readers that must find it where it is.
  int pins;

  /// Where the next record goes, or where the last one ends.
  int end;

  /// How far it is known to be on stable storage; the committer's own.
  int forcedEnd = HEADER;

  /// Nothing is written to it any more.
  boolean sealed;

  /// When it was sealed, by the ticker.
  long sealedAt;

  /// Sequences of older segments whose copies of messages this one replaces or removes: while they
  /// exist this one must.
  final Set<Integer> supersedes = new HashSet<>();

  /// Entries for the hint file, gathered while it is written; null when the file is there or was
  /// never needed.
  @Nullable ByteArrayOutputStream hints;

  Segment(int sequence, Path path, LogFile file) {
    this.sequence = sequence;
    this.path = path;
    this.file = file;
  }

  static String name(int sequence) {
    return "%016x.log".formatted(sequence);
  }

  static String hintName(int sequence) {
    return "%016x.hint".formatted(sequence);
  }

  static ByteBuffer header(int sequence) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putLong(MAGIC).putInt(VERSION).putInt(0).putLong(sequence);
    return header.rewind();
  }

  /// Checks the header of a file.
  ///
  /// @throws IOException when it is no segment of this sequence, or of a later version
  static void check(LogFile file, int sequence, Path path) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    int read = file.read(header, 0);
    header.flip();
    if (read < HEADER || header.getLong() != MAGIC) {
      throw new IOException(path + " is no segment of a spool");
    }
    int version = header.getInt();
    if (version > VERSION) {
      throw new IOException(path + " was written by a later version (" + version + ")");
    }
    header.getInt();
    if (header.getLong() != sequence) {
      throw new IOException(path + " has been renamed");
    }
  }
}
