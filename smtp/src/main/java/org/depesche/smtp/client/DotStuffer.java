package org.depesche.smtp.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.depesche.net.Connection;

/// Writes a message as DATA wants it: a dot before each line that begins with one, and the end that
/// cannot be mistaken (RFC 5321 §4.5.2, §4.1.1.4).
///
/// A CR or LF that stands alone is never written. Some servers take it for a line end and would see
/// an end of the message, and commands after it, where none are; turned into CRLF it would be
/// another message than the one that was signed and accepted. So it is refused.
final class DotStuffer {

  /// A line end that is none.
  static final class BareLineEndException extends Exception {

    private static final long serialVersionUID = 1L;

    private BareLineEndException(String which, long position) {
      super("a " + which + " stands alone at octet " + position + " of the message");
    }
  }

  private static final byte[] CRLF_DOT_CRLF = "\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Connection connection;
  private final ByteBuffer out;
  private byte previous = '\n'; // the message begins with a line
  private long taken;
  private long written;

  /// @param out holds what is written until it is full; what is in it already goes first
  DotStuffer(Connection connection, ByteBuffer out) {
    this.connection = connection;
    this.out = out;
  }

  /// The next bytes of the message.
  void write(byte[] bytes, int offset, int length) throws IOException, BareLineEndException {
    int from = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte c = bytes[i];
      if (previous == '\r' ? c != '\n' : c == '\n') {
        throw new BareLineEndException(c == '\n' ? "LF" : "CR", taken + i - offset);
      }
      if (i == offset && previous == '\r') {
        put(CRLF_DOT_CRLF, 0, 2);
        from = offset + 1;
      }
      if (c == '.' && previous == '\n') {
        put(bytes, from, i - from);
        put(bytes, i, 1);
        from = i;
      }
      previous = c;
    }
    // A CR at the end waits until it is seen what follows.
    put(bytes, from, end - from - (length > 0 && previous == '\r' ? 1 : 0));
    taken += length;
  }

  /// Ends the message and sends what is left of it. Answers how many octets the message took.
  long end() throws IOException, BareLineEndException {
    if (previous == '\r') {
      throw new BareLineEndException("CR", taken);
    }
    int from = previous == '\n' ? 2 : 0;
    put(CRLF_DOT_CRLF, from, CRLF_DOT_CRLF.length - from);
    flush();
    return written;
  }

  private void put(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (!out.hasRemaining()) {
        flush();
      }
      int n = Math.min(end - at, out.remaining());
      out.put(bytes, at, n);
      at += n;
    }
    written += length;
  }

  private void flush() throws IOException {
    connection.write(out.flip());
    out.clear();
  }
}
