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

  /// Where the first record begins.
  static final int HEADER = SegmentHeader.SIZE;

  final int sequence;
  final Path path;
  final LogFile file;

  /// What its records are checked by; without the salt until its header has been read.
  LogRecord.Key key;

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

  /// Writing to it has failed: the file is not to be used again.
  boolean failed;

  /// It has blocks that the disk does not give back, or damaged bytes, or content of a damaged
  /// message, of which no copy could be kept. It is not cut and gets no hints, so that the next
  /// start looks again; and when nothing else in it is needed it is set aside as it is.
  volatile boolean kept;

  /// Its header cannot be read, and only its hints say what its records are protected with: without
  /// them all of it would be out of service.
  volatile boolean onlyByHints;

  /// Something in it cannot be moved, so that emptying it frees nothing.
  boolean stuck;

  /// Its name is gone, which may not be durable yet; the housekeeper's own.
  boolean unlinked;

  /// The name it has then, when it is kept for reuse.
  @Nullable Path spare;

  /// The highest id of a message that something in it is about; 0 when there is none.
  long highestId;

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
    this.key = new LogRecord.Key(sequence, 0);
  }

  static String name(int sequence) {
    return "%016x.log".formatted(sequence);
  }

  static String hintName(int sequence) {
    return "%016x.hint".formatted(sequence);
  }

  /// The sequence a file name says; 0 when it is not that of a segment.
  static int sequence(String fileName) {
    if (!fileName.matches("0{8}[0-7][0-9a-f]{7}\\.log")) {
      return 0;
    }
    return Integer.parseInt(fileName, 8, 16, 16);
  }

  /// Reads its header and takes its key from it.
  SegmentHeader.Read readHeader() throws IOException {
    byte[] bytes = new byte[HEADER];
    PatientReader reader = new PatientReader(this);
    reader.read(ByteBuffer.wrap(bytes), 0);
    if (reader.lacks(0, HEADER)) {
      return new SegmentHeader.Read.Damaged(null, "the disk does not give back its header");
    }
    SegmentHeader.Read read = SegmentHeader.read(bytes, sequence);
    Long salt =
        switch (read) {
          case SegmentHeader.Read.Good(var header) -> header.salt();
          case SegmentHeader.Read.Damaged(var majority, _) -> majority;
          case SegmentHeader.Read.Later _ -> null;
        };
    if (salt != null) {
      key = new LogRecord.Key(sequence, salt);
    }
    return read;
  }
}
