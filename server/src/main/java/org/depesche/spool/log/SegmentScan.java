package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.jspecify.annotations.Nullable;

/// Reads a segment from its beginning to its end, record by record. Groups are handed on whole or
/// not at all. Holds no more of the file than a window, or its biggest record.
final class SegmentScan {

  private static final int WINDOW = 1 << 20;

  private static final String UNREADABLE = ", and the disk does not give back all of it";

  /// Hears of each good record.
  interface Visitor {

    /// A good record.
    ///
    /// @param payload holds the record's payload at `payloadOffset`; reused after the call
    void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset)
        throws IOException;

    /// Bytes that cannot be read or must not be counted, and were on stable storage once.
    void damage(int offset, int length, String what) throws IOException;
  }

  /// Bytes that are no good records, with good ones behind them.
  private record Hole(int offset, int length, String what) {}

  private record Found(LogRecord.Header header, int offset) {}

  private final Segment segment;
  private final PatientReader reader;
  private final Visitor visitor;
  private final int length;
  private final List<Found> group = new ArrayList<>();
  private byte[] window = new byte[0];
  private int windowStart;
  private int windowEnd;
  private final List<Hole> holes = new ArrayList<>();
  private final List<List<Found>> lacking = new ArrayList<>();
  private int goodEnd = Segment.HEADER;
  private int syncedEnd = Segment.HEADER;
  private boolean sealed;

  SegmentScan(Segment segment, Visitor visitor) throws IOException {
    this.segment = segment;
    this.reader = new PatientReader(segment);
    this.visitor = visitor;
    this.length = (int) Math.min(segment.file.size(), Integer.MAX_VALUE - 16);
  }

  /// Where the last good record ends; what is behind it is torn, stale or nothing.
  int goodEnd() {
    return goodEnd;
  }

  /// How far it is known to have been on stable storage.
  int syncedEnd() {
    return syncedEnd;
  }

  /// Bytes before that which are no good records and may never have been written.
  long unwritten() {
    long records = lacking.stream().flatMap(List::stream).mapToLong(f -> f.header().size()).sum();
    return records + holes.stream().mapToLong(Hole::length).sum();
  }

  /// True when it was ended in order.
  boolean isSealed() {
    return sealed;
  }

  void run() throws IOException {
    int at = Segment.HEADER;
    while (at < length && !sealed) {
      LogRecord.Header header = good(at);
      boolean begins = header != null && !header.follows();
      if (header == null || begins != group.isEmpty()) {
        int next = begins ? at : nextBeginning(at);
        if (next < 0) {
          tail(at);
          break;
        }
        hole(at, next);
        at = next;
        continue;
      }
      if (header.synced()) {
        synced(at);
      }
      group.add(new Found(header, at));
      at += header.size();
      if (!header.continues()) {
        end();
        goodEnd = at;
      }
    }
  }

  private void end() throws IOException {
    List<Found> whole = List.copyOf(group);
    group.clear();
    if (lacksChunk(whole)) {
      lacking.add(whole);
    } else {
      handOn(whole);
    }
  }

  /// True when a part of a message's content is in a hole. Then a crash came before the message was
  /// durable, or, as is known later, the part is damaged.
  private boolean lacksChunk(List<Found> whole) throws IOException {
    if (holes.isEmpty()) {
      return false;
    }
    for (Found found : whole) {
      if (found.header().type() == LogRecord.Type.MESSAGE
          && chunks(found).stream()
              .anyMatch(c -> c.segment() == segment.sequence && isInHole(c.offset()))) {
        return true;
      }
    }
    return false;
  }

  private List<MessagePayload.Chunk> chunks(Found message) throws IOException {
    load(message.offset(), LogRecord.HEADER + message.header().length());
    int payload = message.offset() - windowStart + LogRecord.HEADER;
    try {
      return MessagePayload.decode(window, payload, message.header().length()).chunks();
    } catch (IOException e) {
      // Whoever hears of it says so.
      return List.of();
    }
  }

  private boolean isInHole(int at) {
    return holes.stream().anyMatch(h -> at >= h.offset() && at - h.offset() < h.length());
  }

  private void handOn(List<Found> whole) throws IOException {
    for (Found found : whole) {
      load(found.offset(), LogRecord.HEADER + found.header().length());
      sealed |= found.header().type() == LogRecord.Type.SEAL;
      visitor.record(
          found.header(), found.offset(), window, found.offset() - windowStart + LogRecord.HEADER);
    }
  }

  /// Of a group that is not whole nothing counts, or a settlement could lose its notification.
  private void hole(int at, int next) throws IOException {
    int from = group.isEmpty() ? at : group.getFirst().offset();
    StringBuilder what = new StringBuilder(at == next ? "a group without its end" : describe(at));
    for (Found found : group) {
      what.append(", after a ").append(name(found.header())).append(" it belongs to");
    }
    group.clear();
    if (reader.lacks(from, next)) {
      // No crash has done that, so there is nothing to be found out about it.
      visitor.damage(from, next - from, what + UNREADABLE);
    } else {
      holes.add(new Hole(from, next - from, what.toString()));
    }
  }

  /// What is behind the last good record was never written whole, unless the disk does not give it
  /// back: then nobody knows.
  private void tail(int at) throws IOException {
    int from = group.isEmpty() ? at : group.getFirst().offset();
    if (reader.lacks(from, length)) {
      LogRecord.Header header = header(at);
      int end = Math.max(reader.endOfLast(), header == null ? 0 : at + header.size());
      visitor.damage(from, Math.min(length, end) - from, describe(at) + UNREADABLE);
    }
  }

  private void synced(int at) throws IOException {
    syncedEnd = at;
    for (Hole hole : holes) {
      visitor.damage(hole.offset(), hole.length(), hole.what());
    }
    holes.clear();
    for (List<Found> whole : lacking) {
      handOn(whole);
    }
    lacking.clear();
  }

  /// Makes bytes available in the window.
  private void load(int at, int count) throws IOException {
    if (at >= windowStart && at + count <= windowEnd) {
      return;
    }
    if (window.length < count) {
      window = new byte[Math.max(count, Math.min(WINDOW, length - at))];
    }
    int most = Math.min(window.length, length - at);
    windowStart = at;
    windowEnd = at + reader.read(ByteBuffer.wrap(window, 0, most), at);
    if (windowEnd < at + count) {
      throw new IOException("it has become shorter");
    }
  }

  private LogRecord.@Nullable Header header(int at) throws IOException {
    if (length - at < LogRecord.HEADER) {
      return null;
    }
    load(at, LogRecord.HEADER);
    ByteBuffer bytes = ByteBuffer.wrap(window, at - windowStart, windowEnd - at);
    return LogRecord.parse(bytes, segment.key, length - at);
  }

  private LogRecord.@Nullable Header good(int at) throws IOException {
    LogRecord.Header header = header(at);
    if (header == null) {
      return null;
    }
    load(at, LogRecord.HEADER + header.length());
    int payload = at - windowStart + LogRecord.HEADER;
    return LogRecord.isGood(header, window, payload, segment.key) ? header : null;
  }

  /// Where the next group begins; -1 for nowhere. Records begin at multiples of 8.
  private int nextBeginning(int from) throws IOException {
    int at = from;
    while (at <= length - LogRecord.HEADER) {
      LogRecord.Header header = good(at);
      if (header == null) {
        at += 8;
      } else if (header.follows()) {
        at += header.size();
      } else {
        return at;
      }
    }
    return -1;
  }

  private String describe(int at) throws IOException {
    LogRecord.Header header = header(at);
    return header == null ? "not even a header can be read" : "it looks like a " + name(header);
  }

  private static String name(LogRecord.Header header) {
    return header.type() + " record of " + new EnvelopeId(header.id());
  }
}
