package org.depesche.spool.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The first 64 bytes of a segment: magic, format version, zero, sequence, the salt three times,
/// zeros, checksum. Without the salt no record could be read, so it outlives damage to any one of
/// its copies.
record SegmentHeader(int version, long sequence, long salt) {

  static final int SIZE = 64;

  private static final long MAGIC = 0x4445504C4F473031L;
  private static final int VERSION = 1;
  private static final int SALT = 24;
  private static final int CHECKED = SIZE - 4;

  /// What the beginning of a file is.
  sealed interface Read {

    /// A segment's header.
    record Good(SegmentHeader header) implements Read {}

    /// A later version wrote it, and it is undamaged.
    record Later(int version) implements Read {}

    /// Not what it should be.
    ///
    /// @param salt null when no two of its copies agree
    record Damaged(@Nullable Long salt, String what) implements Read {}
  }

  SegmentHeader(long sequence, long salt) {
    this(VERSION, sequence, salt);
  }

  ByteBuffer bytes() {
    ByteBuffer bytes = ByteBuffer.allocate(SIZE);
    bytes.putLong(MAGIC).putInt(version).putInt(0).putLong(sequence);
    bytes.putLong(salt).putLong(salt).putLong(salt);
    return bytes.putInt(CHECKED, checksum(bytes.array())).rewind();
  }

  /// Reads a header.
  ///
  /// @param bytes `SIZE` of them
  /// @param sequence what the file's name says
  static Read read(byte[] bytes, long sequence) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    Long salt = majority(in.getLong(SALT), in.getLong(SALT + 8), in.getLong(SALT + 16));
    if (in.getInt(CHECKED) != checksum(bytes)) {
      return new Read.Damaged(salt, "the header of the segment");
    }
    if (in.getLong() != MAGIC || salt == null) {
      return new Read.Damaged(salt, "it is no segment of a spool");
    }
    int version = in.getInt();
    if (version > VERSION) {
      return new Read.Later(version);
    }
    in.getInt();
    if (in.getLong() != sequence) {
      return new Read.Damaged(salt, "the segment has been renamed");
    }
    return new Read.Good(new SegmentHeader(version, sequence, salt));
  }

  private static @Nullable Long majority(long a, long b, long c) {
    if (a == b || a == c) {
      return a;
    }
    return b == c ? b : null;
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CHECKED);
    return (int) crc.getValue();
  }
}
