package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.TreeSet;

/// Reads a segment some blocks of which the disk may not give back. Those are zeros then, which no
/// checksum takes for what they were, and the segment is kept: another time they may be readable.
final class PatientReader {

  private static final int BLOCK = 4_096;

  /// Blocks, a MiB. A disk that gives back less has not gone bad in places, it does not answer; and
  /// all mail would be taken for damaged while somebody sees to a cable.
  private static final int MOST = 256;

  private final Segment segment;
  private final TreeSet<Integer> unreadable = new TreeSet<>();

  PatientReader(Segment segment) {
    this.segment = segment;
  }

  /// Reads until the buffer is full or the file ends; how many bytes that were.
  ///
  /// @throws IOException when too little of it can be read
  int read(ByteBuffer into, int at) throws IOException {
    if (!lacks(at, at + into.remaining())) {
      int start = into.position();
      try {
        return segment.file.read(into, at);
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        into.position(start);
      }
    }
    int end = (int) Math.min(segment.file.size(), (long) at + into.remaining());
    for (int from = at; from < end; ) {
      int to = Math.min(end, endOfBlock(from));
      readBlock(into.slice(into.position(), to - from), from);
      into.position(into.position() + to - from);
      from = to;
    }
    return Math.max(0, end - at);
  }

  /// Reads what is all in one block.
  private void readBlock(ByteBuffer into, int at) throws IOException {
    int start = into.position();
    try {
      if (!lacks(at, at + 1)) {
        segment.file.read(into, at);
      }
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      segment.kept = true;
      unreadable.add(at / BLOCK);
      if (unreadable.size() > MOST) {
        throw e;
      }
      into.position(start);
    }
    into.put(new byte[into.remaining()]);
  }

  static int endOfBlock(int at) {
    return (at / BLOCK + 1) * BLOCK;
  }

  /// True when some of these bytes could not be read.
  boolean lacks(int from, int to) {
    Integer first = unreadable.ceiling(from / BLOCK);
    return first != null && (long) first * BLOCK < to;
  }

  /// Where the last block ends that could not be read.
  int endOfLast() {
    return endOfBlock(unreadable.last() * BLOCK);
  }
}
