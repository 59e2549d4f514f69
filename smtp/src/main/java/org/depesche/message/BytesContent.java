package org.depesche.message;

import java.nio.ByteBuffer;

/// A message in memory. The bytes are not copied.
record BytesContent(byte[] bytes) implements Content {

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public int read(long position, ByteBuffer into) {
    int length = (int) Math.min(into.remaining(), bytes.length - position);
    if (length <= 0) {
      return -1;
    }
    into.put(bytes, (int) position, length);
    return length;
  }

  @Override
  public void close() {}
}
