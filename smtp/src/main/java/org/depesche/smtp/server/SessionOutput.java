package org.depesche.smtp.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.depesche.net.Connection;

/// Collects replies and writes them together (RFC 2920 §3.2).
final class SessionOutput {

  /// Enough for the replies to one message, and for EHLO's.
  private static final int IDLE_OCTETS = 256;

  /// A client that pipelines without end reads its replies, or we stop reading its commands.
  private static final int MAX_OCTETS = 8192;

  private final Connection connection;
  private byte[] buffer = new byte[IDLE_OCTETS];
  private int length;

  SessionOutput(Connection connection) {
    this.connection = connection;
  }

  void add(byte[] reply) throws IOException {
    if (length + reply.length > MAX_OCTETS) {
      flush();
    }
    if (length + reply.length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, length + reply.length));
    }
    System.arraycopy(reply, 0, buffer, length, reply.length);
    length += reply.length;
  }

  void flush() throws IOException {
    if (length == 0) {
      return;
    }
    ByteBuffer all = ByteBuffer.wrap(buffer, 0, length);
    length = 0;
    connection.write(all);
    if (buffer.length > IDLE_OCTETS) {
      buffer = new byte[IDLE_OCTETS];
    }
  }
}
