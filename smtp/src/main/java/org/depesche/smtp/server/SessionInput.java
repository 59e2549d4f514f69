package org.depesche.smtp.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.depesche.net.Connection;
import org.depesche.smtp.ContentSink;
import org.depesche.time.Ticker;

/// The bytes that came and were not understood yet. Small while a session waits for commands,
/// larger while it reads a message.
final class SessionInput {

  /// What an idle session keeps: 10,000 of them may wait.
  private static final int IDLE_OCTETS = 512;

  /// Room for content; more brings no more speed.
  private static final int CONTENT_OCTETS = 16 * 1024;

  /// What the next line is.
  enum Line {
    /// It stands from `lineStart` to `lineEnd`, without its CRLF.
    COMPLETE,
    /// A line feed came that no CR precedes. What follows it up to CRLF is to be skipped.
    BARE_LF,
    /// Longer than any command; to be skipped.
    TOO_LONG,
    /// No more input.
    ENDED
  }

  /// Takes content and says how many bytes it wanted.
  @FunctionalInterface
  interface Consumer {
    int take(byte[] bytes, int offset, int length);
  }

  private final Connection connection;
  private final SessionOutput output;
  private final Ticker ticker;
  private final Duration patience;
  private byte[] buffer = new byte[IDLE_OCTETS];
  private int start; // what was not consumed begins here
  private int end;
  private int lineStart;
  private int lineEnd;
  private int longest;
  private Pace pace = new Pace(Optional.empty());
  private boolean tooSlow;
  private boolean lineLate;

  /// @param ticker for the time content and lines take to come
  /// @param patience how long a line may take as a whole; the connection's own limit while lines
  ///   are read
  SessionInput(Connection connection, SessionOutput output, Ticker ticker, Duration patience) {
    this.connection = connection;
    this.output = output;
    this.ticker = ticker;
    this.patience = patience;
  }

  /// Waits for a line. Only CRLF ends one (RFC 5321 §2.3.8). The time for a command is for all of
  /// it (RFC 5321 §4.5.3.2.7): a client that sends an octet now and then holds a session no longer
  /// than one that sends none.
  ///
  /// @param most octets, CRLF included
  Line readLine(int most) throws IOException {
    longest = most;
    int lf = indexOf('\n', start);
    return lf >= 0 ? lineEndingAt(lf) : waitForLine();
  }

  private Line waitForLine() throws IOException {
    long begun = ticker.nanos();
    try {
      while (end - start < longest) {
        int seen = end - start;
        if (!fill(IDLE_OCTETS)) {
          return Line.ENDED;
        }
        int lf = indexOf('\n', start + seen);
        if (lf >= 0) {
          return lineEndingAt(lf);
        }
        Duration left = patience.minusNanos(ticker.nanos() - begun);
        if (!left.isPositive()) {
          lineLate = true;
          return Line.ENDED;
        }
        connection.limit(left);
      }
      return Line.TOO_LONG;
    } finally {
      connection.limit(patience);
    }
  }

  /// True when a line has not come to its end in time.
  boolean lineLate() {
    return lineLate;
  }

  private Line lineEndingAt(int lf) {
    if (lf == start || buffer[lf - 1] != '\r') {
      start = lf + 1;
      return Line.BARE_LF;
    }
    if (lf + 1 - start > longest) {
      return Line.TOO_LONG;
    }
    lineStart = start;
    lineEnd = lf - 1;
    start = lf + 1;
    return Line.COMPLETE;
  }

  byte[] bytes() {
    return buffer;
  }

  int lineStart() {
    return lineStart;
  }

  int lineEnd() {
    return lineEnd;
  }

  /// The line that was read, with a question mark for what is not ASCII.
  String lineText() {
    return new String(buffer, lineStart, lineEnd - lineStart, StandardCharsets.US_ASCII);
  }

  /// Forgets what has come and was not read (RFC 3207 §4.2): it came without protection.
  void discard() {
    start = 0;
    end = 0;
  }

  /// Drops everything up to and with the next CRLF.
  ///
  /// @return COMPLETE when it came, TOO_LONG when it did not within `limit` octets, or ENDED
  Line skipLine(long limit) throws IOException {
    long skipped = 0;
    boolean afterCr = false;
    while (skipped < limit) {
      if (start == end && !fill(IDLE_OCTETS)) {
        return Line.ENDED;
      }
      byte b = buffer[start++];
      if (afterCr && b == '\n') {
        return Line.COMPLETE;
      }
      afterCr = b == '\r';
      skipped++;
    }
    return Line.TOO_LONG;
  }

  /// Content comes, and has to come as fast as this.
  void keepTo(Pace wanted) {
    pace = wanted;
  }

  /// True when content has ended because it came too slowly.
  boolean tooSlow() {
    return tooSlow;
  }

  /// Passes what is there, waiting for at least one byte, to a consumer.
  ///
  /// @param most the most bytes to pass
  /// @return how many the consumer took; -1 when there is no more input, or none that comes fast
  ///   enough
  int pass(long most, Consumer consumer) throws IOException {
    if (start == end && !fillInTime()) {
      return -1;
    }
    int taken = consumer.take(buffer, start, (int) Math.min(most, end - start));
    start += taken;
    return taken;
  }

  /// Passes a counted number of bytes to a sink.
  ///
  /// @return false when the input ended before
  boolean passAll(long count, ContentSink sink) throws IOException {
    Consumer all =
        (bytes, offset, length) -> {
          sink.write(bytes, offset, length);
          return length;
        };
    long left = count;
    while (left > 0) {
      int taken = pass(left, all);
      if (taken < 0) {
        return false;
      }
      left -= taken;
    }
    return true;
  }

  private boolean fillInTime() throws IOException {
    long before = ticker.nanos();
    if (!fill(CONTENT_OCTETS)) {
      return false;
    }
    tooSlow = !pace.isKept(ticker.nanos() - before, end - start);
    return !tooSlow;
  }

  private int indexOf(char c, int from) {
    for (int i = from; i < end; i++) {
      if (buffer[i] == c) {
        return i;
      }
    }
    return -1;
  }

  /// Reads more. Before it waits, the client gets the replies it may be waiting for (RFC 2920
  /// §3.2).
  ///
  /// @param idleOctets how large an empty buffer should be
  private boolean fill(int idleOctets) throws IOException {
    output.flush();
    makeRoom(idleOctets);
    int n = connection.read(ByteBuffer.wrap(buffer, end, buffer.length - end));
    if (n <= 0) {
      return false;
    }
    end += n;
    return true;
  }

  /// A full buffer moves its bytes to the front or, for the rare long line, grows.
  private void makeRoom(int idleOctets) {
    if (start == end) {
      start = 0;
      end = 0;
      if (buffer.length != idleOctets) {
        buffer = new byte[idleOctets];
      }
    } else if (end == buffer.length && start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    } else if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(2 * buffer.length, longest));
    }
  }
}
