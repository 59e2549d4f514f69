package org.depesche.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// Where the mail log's bytes go.
interface LogOutput {

  /// Writes all that remains in `bytes`. When it fails, the buffer's position says how much was
  /// written.
  void write(ByteBuffer bytes) throws IOException;

  void close() throws IOException;

  /// A stream that belongs to somebody else. It cannot say how much of a failed write it took.
  record ToStream(OutputStream stream) implements LogOutput {

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
      stream.flush();
      bytes.position(bytes.limit());
    }

    @Override
    public void close() throws IOException {
      stream.flush();
    }
  }
}
