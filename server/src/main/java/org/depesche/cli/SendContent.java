package org.depesche.cli;

import java.nio.ByteBuffer;
import org.depesche.message.Content;

/// A message in memory.
record SendContent(byte[] bytes) implements Content {

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

  /// True when it is more than ASCII.
  boolean isEightBit() {
    for (byte b : bytes) {
      if (b < 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {}
}
