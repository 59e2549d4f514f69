package org.depesche.smtp.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.depesche.message.Content;

/// A message in memory.
record TextContent(byte[] bytes) implements Content {

  /// The bytes as Latin-1.
  static TextContent of(String latin1) {
    return new TextContent(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public int read(long position, ByteBuffer into) {
    int length = Math.min(into.remaining(), bytes.length - (int) position);
    if (length <= 0) {
      return -1;
    }
    into.put(bytes, (int) position, length);
    return length;
  }

  @Override
  public void close() {}
}
