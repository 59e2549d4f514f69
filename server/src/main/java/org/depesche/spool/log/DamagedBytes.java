package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What can be told of damaged bytes: they begin with a record, behind which others may follow that
/// count no more. The byte that has changed may be any, one of a header too.
final class DamagedBytes {

  private static final int ID = 16;

  /// Records begin at multiples of 8.
  private static final int MOST_ZEROS = 7;

  /// A record, as far as it can be told.
  ///
  /// @param payload where in the bytes its payload begins
  record Found(LogRecord.Type type, long id, int payload, int length) {}

  private DamagedBytes() {}

  static List<Found> records(byte[] bytes) {
    List<Found> records = new ArrayList<>();
    int at = 0;
    while (bytes.length - at >= LogRecord.HEADER) {
      LogRecord.Header header = header(bytes, at);
      int payload = at + LogRecord.HEADER;
      // Else its length is among what is damaged.
      boolean ends = header != null && endsAtRecord(bytes, at + header.size());
      LogRecord.Header measured = ends ? header : null;
      int length = measured == null ? lengthOfRest(bytes, payload) : measured.length();
      if (isMessage(bytes, payload, length)) {
        long id = ByteBuffer.wrap(bytes).getLong(at + ID) & Long.MAX_VALUE;
        records.add(new Found(LogRecord.Type.MESSAGE, id, payload, length));
      } else if (header != null) {
        records.add(new Found(header.type(), header.id(), payload, header.length()));
      }
      at = measured == null ? bytes.length : at + measured.size();
    }
    return records;
  }

  private static LogRecord.@Nullable Header header(byte[] bytes, int at) {
    int length = bytes.length - at;
    return LogRecord.parseOfAnySegment(ByteBuffer.wrap(bytes, at, length), length);
  }

  private static boolean endsAtRecord(byte[] bytes, int end) {
    return end >= bytes.length || header(bytes, end) != null;
  }

  /// What is left, without the zeros that fill up a record.
  private static int lengthOfRest(byte[] bytes, int payload) {
    int end = bytes.length;
    while (end > payload && bytes.length - end < MOST_ZEROS && bytes[end - 1] == 0) {
      end--;
    }
    return end - payload;
  }

  /// Whatever the header says. But what may be a chunk is never looked at: it is all a stranger's.
  private static boolean isMessage(byte[] bytes, int payload, int length) {
    if (length == LogWriter.CHUNK) {
      return false;
    }
    try {
      EnvelopeCodec.decode(MessagePayload.decode(bytes, payload, length).head());
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
