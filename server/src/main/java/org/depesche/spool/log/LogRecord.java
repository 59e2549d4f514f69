package org.depesche.spool.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The form of a record: 24 bytes of header, then the payload, then zeros up to a multiple of 8.
///
/// Header: magic, payload length, type, flags, two zeros, checksum, id of the message. The magic is
/// mixed with half of the segment's salt, and the checksum covers its sequence and the other half:
/// neither what a recycled file held before nor what somebody wrote into a message is ever taken
/// for a record.
final class LogRecord {

  static final int HEADER = 24;
  private static final int MAGIC = 0x44504C52;

  /// The group goes on in the next record; a group counts only when its last record is good.
  static final int CONTINUES = 1;

  /// The group began in a record before; without that one it does not count.
  static final int FOLLOWS = 2;

  /// All that stands before it was on stable storage when it was written: what cannot be read there
  /// is damaged. Behind the last such record it may as well be a group that a crash came upon.
  static final int SYNCED = 4;

  /// What binds records to their segment.
  record Key(long sequence, long salt) {

    int magic() {
      return MAGIC ^ (int) (salt >>> 32);
    }
  }

  /// What a record is.
  enum Type {
    /// Bytes of a big message's content; count only when a message record lists them.
    CHUNK(1),
    /// A message: head, places of its chunks, the content or the rest of it. A later one of the
    /// same id replaces it.
    MESSAGE(2),
    /// The states of all recipients of a message; the newest counts.
    STATES(3),
    /// The message is gone.
    REMOVAL(4),
    /// The orderly end of a segment.
    SEAL(5);

    private final byte code;

    Type(int code) {
      this.code = (byte) code;
    }

    /// The type of a code that is known.
    static Type of(int code) {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      throw new IllegalArgumentException("unknown type " + code);
    }

    static boolean isKnown(int code) {
      return code >= CHUNK.code && code <= SEAL.code;
    }

    byte code() {
      return code;
    }
  }

  /// A record's header, read.
  record Header(int length, Type type, int flags, int checksum, long id) {

    boolean continues() {
      return (flags & CONTINUES) != 0;
    }

    boolean follows() {
      return (flags & FOLLOWS) != 0;
    }

    boolean synced() {
      return (flags & SYNCED) != 0;
    }

    /// Bytes the record takes in the file.
    int size() {
      return LogRecord.size(length);
    }
  }

  private LogRecord() {}

  static int size(int length) {
    return (HEADER + length + 7) & ~7;
  }

  static int checksum(CRC32C payload, Key key, int length, Type type, int flags, long id) {
    ByteBuffer covered = ByteBuffer.allocate(32);
    covered.putLong(key.sequence()).putInt(length);
    covered.put(type.code()).put((byte) flags).putShort((short) 0).putLong(id);
    covered.putInt((int) payload.getValue()).putInt(MAGIC ^ (int) key.salt()).flip();
    CRC32C crc = new CRC32C();
    crc.update(covered);
    return (int) crc.getValue();
  }

  static void header(
      ByteBuffer into, Key key, int length, Type type, int flags, int checksum, long id) {
    into.putInt(key.magic()).putInt(length);
    into.put(type.code()).put((byte) flags).putShort((short) 0);
    into.putInt(checksum).putLong(id);
  }

  /// Reads a header at the buffer's position; null when there is none. The payload is not checked.
  ///
  /// @param most bytes there can be of the record
  static @Nullable Header parse(ByteBuffer from, Key key, int most) {
    if (from.remaining() < HEADER || from.getInt() != key.magic()) {
      return null;
    }
    int length = from.getInt();
    int type = from.get();
    int flags = from.get();
    int zero = from.getShort();
    int checksum = from.getInt();
    long id = from.getLong();
    if (length < 0
        || length > most - HEADER
        || !Type.isKnown(type)
        || (flags & ~(CONTINUES | FOLLOWS | SYNCED)) != 0
        || zero != 0
        || id < 0) {
      return null;
    }
    return new Header(length, Type.of(type), flags, checksum, id);
  }

  /// Reads a header whose segment is not known any more; null when it is none that could be.
  static @Nullable Header parseOfAnySegment(ByteBuffer from, int most) {
    if (from.remaining() < HEADER) {
      return null;
    }
    long salt = (long) (from.getInt(from.position()) ^ MAGIC) << 32;
    return parse(from, new Key(0, salt), most);
  }

  /// True when header and payload belong together, and to this segment.
  static boolean isGood(Header header, byte[] payload, int offset, Key key) {
    CRC32C crc = new CRC32C();
    crc.update(payload, offset, header.length());
    return checksum(crc, key, header.length(), header.type(), header.flags(), header.id())
        == header.checksum();
  }
}
