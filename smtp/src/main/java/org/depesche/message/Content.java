package org.depesche.message;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The bytes of a message as they were received, readable again and again until closed.
public interface Content extends AutoCloseable {

  /// A message in memory; the bytes are not copied.
  static Content of(byte[] message) {
    return new BytesContent(message);
  }

  /// Length in bytes.
  long size();

  /// Reads bytes at `position` into the buffer, as many as are there and fit, at least one; -1 at
  /// the end.
  int read(long position, ByteBuffer into) throws IOException;

  @Override
  void close();
}
