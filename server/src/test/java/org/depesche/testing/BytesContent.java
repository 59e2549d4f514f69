package org.depesche.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.depesche.message.Content;

/// Content in memory, whole or with a defect.
public final class BytesContent implements Content {

  private final byte[] bytes;
  private final long size;
  private final String failure;

  private BytesContent(byte[] bytes, long size, String failure) {
    this.bytes = bytes;
    this.size = size;
    this.failure = failure;
  }

  /// Content whose bytes are given as Latin-1.
  public static BytesContent of(String latin1) {
    return of(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  public static BytesContent of(byte[] bytes) {
    return new BytesContent(bytes.clone(), bytes.length, "");
  }

  /// Content that says it has `size` bytes and ends before.
  public static BytesContent truncated(String latin1, long size) {
    return new BytesContent(latin1.getBytes(StandardCharsets.ISO_8859_1), size, "");
  }

  /// Content that cannot be read beyond the first bytes.
  public static BytesContent broken(int readable, String failure) {
    return new BytesContent(new byte[readable], readable + 100L, failure);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(long position, ByteBuffer into) throws IOException {
    if (position >= bytes.length) {
      if (!failure.isEmpty()) {
        throw new IOException(failure);
      }
      return -1;
    }
    int length = Math.min(into.remaining(), bytes.length - (int) position);
    into.put(bytes, (int) position, length);
    return length;
  }

  @Override
  public void close() {}
}
