package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;

/// The two buffers between a session and its connection. Input is small while commands are awaited
/// and grows for content; output gathers replies and goes out when there is nothing left to read,
/// so that a pipelined group of commands gets one packet of replies (RFC 2920 §3.2).
final class Wire {

  /// Longest command line taken, CRLF included. RFC 5321 §4.5.3.1.4 wants 512, the parameters of
  /// RFC 3461 §4 and others add to that.
  static final int MAX_COMMAND = 4_096;

  private static final int IDLE_INPUT = 512;
  private static final int CONTENT_INPUT = 32_768;
  private static final int OUTPUT = 256;

  /// Replies are not gathered beyond this: a client that sends and never reads blocks its own
  /// session.
  private static final int MAX_OUTPUT = 8_192;

  private static final byte[] NOTHING = {};

  /// A line of input.
  enum Line {
    /// `start` and `length` say where it is.
    READ,
    /// It did not end within `MAX_COMMAND`; what came of it is thrown away.
    TOO_LONG,
    /// It ended with LF alone, or has a CR in it.
    BARE,
    /// The connection ended before it did.
    ENDED
  }

  private final Connection connection;
  private byte[] in = NOTHING;
  private int position;
  private int limit;
  private int lineStart;
  private int lineLength;
  private byte[] out = NOTHING;
  private int outLength;

  Wire(Connection connection) {
    this.connection = connection;
  }

  /// Queues a reply.
  void write(Reply reply) throws IOException {
    byte[] bytes = reply.wire().getBytes(UTF_8);
    if (outLength + bytes.length > out.length) {
      out = Arrays.copyOf(out, Math.max(OUTPUT, outLength + bytes.length));
    }
    System.arraycopy(bytes, 0, out, outLength, bytes.length);
    outLength += bytes.length;
    if (outLength > MAX_OUTPUT) {
      flush();
    }
  }

  void flush() throws IOException {
    if (outLength > 0) {
      int length = outLength;
      outLength = 0;
      connection.write(ByteBuffer.wrap(out, 0, length));
      out = NOTHING;
    }
  }

  /// Reads up to the next CRLF.
  Line readLine() throws IOException {
    int scanned = position;
    while (true) {
      for (; scanned < limit; scanned++) {
        if (in[scanned] == '\n') {
          return line(scanned);
        }
      }
      if (limit - position >= MAX_COMMAND) {
        position = limit;
        return Line.TOO_LONG;
      }
      scanned -= position;
      if (!fill(IDLE_INPUT)) {
        return Line.ENDED;
      }
      scanned += position;
    }
  }

  private Line line(int lf) {
    lineStart = position;
    position = lf + 1;
    lineLength = lf - 1 - lineStart;
    // RFC 5321 §2.3.8: a line ends in CRLF; LF alone ends nothing, so that nobody can hide a
    // command behind it.
    return lineLength >= 0 && in[lf - 1] == '\r' ? Line.READ : Line.BARE;
  }

  /// Throws away the rest of a line that was too long, up to and including its LF.
  ///
  /// @return false when it did not end within `most` bytes or the connection ended
  boolean skipLine(long most) throws IOException {
    long skipped = 0;
    while (skipped <= most) {
      for (; position < limit; position++, skipped++) {
        if (in[position] == '\n') {
          position++;
          return true;
        }
      }
      if (!fill(IDLE_INPUT)) {
        return false;
      }
    }
    return false;
  }

  byte[] line() {
    return in;
  }

  int lineStart() {
    return lineStart;
  }

  int lineLength() {
    return lineLength;
  }

  /// Takes bytes of content out of the input.
  interface Taker {
    /// Answers how many were taken; fewer than `length` only when the content has ended.
    int take(byte[] bytes, int offset, int length);

    /// True when the content has ended.
    default boolean isComplete() {
      return false;
    }
  }

  /// Hands content to a taker until it is complete, or `most` bytes are through.
  ///
  /// @return false when the connection ended before
  boolean transfer(Taker taker, long most) throws IOException {
    long left = most;
    while (left > 0) {
      if (position == limit && !fill(CONTENT_INPUT)) {
        return false;
      }
      int length = (int) Math.min(limit - position, left);
      int taken = taker.take(in, position, length);
      position += taken;
      left -= taken;
      if (taker.isComplete()) {
        return true;
      }
    }
    return true;
  }

  /// Reads more, behind what is there; flushes first, because the peer may be waiting for our
  /// replies.
  private boolean fill(int size) throws IOException {
    flush();
    int kept = limit - position;
    if (kept == 0) {
      position = 0;
      limit = 0;
      if (in.length < size || in.length > 2 * size) {
        in = new byte[size];
      }
    } else {
      int wanted = kept == in.length ? Math.min(2 * in.length, MAX_COMMAND) : in.length;
      byte[] target = wanted == in.length ? in : new byte[wanted];
      System.arraycopy(in, position, target, 0, kept);
      in = target;
      position = 0;
      limit = kept;
    }
    int read = connection.read(ByteBuffer.wrap(in, limit, in.length - limit));
    if (read < 0) {
      return false;
    }
    limit += read;
    return true;
  }

  /// Ends the output and takes in what the peer is still sending, within bounds: a close with
  /// unread input would make the peer's system throw away our last reply before the peer has read
  /// it.
  void linger(long most) throws IOException {
    flush();
    connection.endOutput();
    long left = most;
    position = limit;
    while (left > 0 && fill(IDLE_INPUT)) {
      left -= limit;
      position = limit;
    }
  }
}
