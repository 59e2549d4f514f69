package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Reads a segment from its beginning to its end, record by record. Groups are handed on whole or
/// not at all.
final class SegmentScan {

  /// Hears of each good record.
  interface Visitor {

    /// A good record.
    ///
    /// @param payload holds the record's payload at `payloadOffset`; reused after the call
    void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset)
        throws IOException;

    void damage(int offset, int length, String what) throws IOException;
  }

  private record Found(LogRecord.Header header, int offset) {}

  private final Segment segment;
  private final Visitor visitor;
  private final byte[] bytes;
  private final int length;
  private final List<Found> group = new ArrayList<>();
  private int goodEnd = Segment.HEADER;
  private boolean sealed;

  SegmentScan(Segment segment, Visitor visitor) throws IOException {
    this.segment = segment;
    this.visitor = visitor;
    long size = segment.file.size();
    if (size > Integer.MAX_VALUE - 16) {
      throw new IOException(segment.path + " is bigger than a segment can be");
    }
    this.bytes = new byte[(int) size];
    this.length = segment.file.read(ByteBuffer.wrap(bytes), 0);
  }

  /// Where the last good record ends; what is behind it is torn, stale or nothing.
  int goodEnd() {
    return goodEnd;
  }

  /// True when it was ended in order.
  boolean isSealed() {
    return sealed;
  }

  void run() throws IOException {
    int at = Segment.HEADER;
    while (at < length && !sealed) {
      LogRecord.Header header = good(at);
      if (header == null) {
        int next = nextGood(at);
        if (next < 0) {
          break;
        }
        group.clear();
        visitor.damage(at, next - at, describe(at));
        at = next;
        continue;
      }
      group.add(new Found(header, at));
      at += header.size();
      if (!header.continues()) {
        for (Found found : group) {
          sealed |= found.header().type() == LogRecord.Type.SEAL;
          visitor.record(found.header(), found.offset(), bytes, found.offset() + LogRecord.HEADER);
        }
        group.clear();
        goodEnd = at;
      }
    }
  }

  private LogRecord.@org.jspecify.annotations.Nullable Header good(int at) {
    LogRecord.Header header = LogRecord.parse(ByteBuffer.wrap(bytes, at, length - at), length - at);
    return header != null
            && LogRecord.isGood(header, bytes, at + LogRecord.HEADER, segment.sequence)
        ? header
        : null;
  }

  /// Records begin at multiples of 8.
  private int nextGood(int from) {
    for (int at = from + 8; at <= length - LogRecord.HEADER; at += 8) {
      if (good(at) != null) {
        return at;
      }
    }
    return -1;
  }

  private String describe(int at) {
    LogRecord.Header header = LogRecord.parse(ByteBuffer.wrap(bytes, at, length - at), length - at);
    return header == null
        ? "not even a header can be read"
        : "it looks like a "
            + header.type()
            + " record of "
            + new org.depesche.mail.EnvelopeId(header.id());
  }
}
