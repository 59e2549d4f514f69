package org.depesche.spool.log;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// What a start needs to know of a sealed segment, without content: the places and heads of
/// messages, states, removals. Derived from the segment, and believed only when its checksum is
/// right.
final class Hints {

  private static final int MAGIC = 0x44484932;
  private static final int HEADER = 28;
  private static final int CHECKSUM = 24;

  /// Hears of each entry, in the order of the log.
  interface Visitor {

    /// A message record.
    ///
    /// @param head what stands before the content in the record's payload: head and places of
    ///   chunks
    void message(long id, int offset, int length, byte[] head) throws IOException;

    void states(long id, byte[] states) throws IOException;

    void removal(long id) throws IOException;
  }

  private Hints() {}

  static void message(ByteArrayOutputStream to, long id, int offset, int length, byte[] head) {
    write(
        to,
        out -> {
          out.writeByte(LogRecord.Type.MESSAGE.code());
          out.writeLong(id);
          out.writeInt(offset);
          out.writeInt(length);
          out.writeInt(head.length);
          out.write(head);
        });
  }

  static void states(ByteArrayOutputStream to, long id, byte[] states) {
    write(
        to,
        out -> {
          out.writeByte(LogRecord.Type.STATES.code());
          out.writeLong(id);
          out.writeInt(states.length);
          out.write(states);
        });
  }

  static void removal(ByteArrayOutputStream to, long id) {
    write(
        to,
        out -> {
          out.writeByte(LogRecord.Type.REMOVAL.code());
          out.writeLong(id);
        });
  }

  private interface Entry {
    void write(DataOutputStream out) throws IOException;
  }

  private static void write(ByteArrayOutputStream to, Entry entry) {
    try (DataOutputStream out = new DataOutputStream(to)) {
      entry.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The hint file's bytes: magic, sequence, end, length of the entries, salt of the segment,
  /// checksum, entries.
  static ByteBuffer file(LogRecord.Key key, int end, byte[] entries) {
    ByteBuffer file = ByteBuffer.allocate(HEADER + entries.length);
    file.putInt(MAGIC).putInt((int) key.sequence()).putInt(end).putInt(entries.length);
    file.putLong(key.salt()).putInt(0).put(entries);
    return file.putInt(CHECKSUM, checksum(file.array())).flip();
  }

  private static int checksum(byte[] file) {
    CRC32C crc = new CRC32C();
    crc.update(file, 0, CHECKSUM);
    crc.update(file, HEADER, file.length - HEADER);
    return (int) crc.getValue();
  }

  /// A hint file that can be believed.
  ///
  /// @param end where the segment's last record ends
  /// @param salt the segment's: hints of a former segment of the same name have another
  record Read(int end, long salt, byte[] entries) {}

  /// Reads a hint file.
  ///
  /// @throws IOException when it cannot be believed
  static Read parse(byte[] bytes, int sequence) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER || in.getInt() != MAGIC || in.getInt() != sequence) {
      throw new IOException("not the hints of segment " + sequence);
    }
    int end = in.getInt();
    int length = in.getInt();
    long salt = in.getLong();
    if (in.getInt() != checksum(bytes)) {
      throw new IOException("hints with a wrong checksum");
    }
    if (end < Segment.HEADER || length != in.remaining()) {
      throw new IOException("hints of an impossible length");
    }
    byte[] entries = new byte[length];
    in.get(entries);
    forEach(entries, new Bounds(end));
    return new Read(end, salt, entries);
  }

  /// Checks that every entry can be, before the first one is believed.
  private record Bounds(int end) implements Visitor {

    @Override
    public void message(long id, int offset, int length, byte[] head) throws IOException {
      if (id < 0
          || offset < Segment.HEADER
          || length < head.length
          || (long) offset + LogRecord.HEADER + length > end) {
        throw new IOException("hint of a message in an impossible place");
      }
      var _ = MessagePayload.chunks(head);
    }

    @Override
    public void states(long id, byte[] states) throws IOException {
      if (id < 0) {
        throw new IOException("hint with an impossible id");
      }
    }

    @Override
    public void removal(long id) throws IOException {
      if (id < 0) {
        throw new IOException("hint with an impossible id");
      }
    }
  }

  static void forEach(byte[] entries, Visitor visitor) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(entries))) {
      while (in.available() > 0) {
        int type = in.readByte();
        long id = in.readLong();
        if (!LogRecord.Type.isKnown(type)) {
          throw new IOException("unknown hint");
        }
        switch (LogRecord.Type.of(type)) {
          case MESSAGE -> visitor.message(id, in.readInt(), in.readInt(), bytes(in));
          case STATES -> visitor.states(id, bytes(in));
          case REMOVAL -> visitor.removal(id);
          case CHUNK, SEAL -> throw new IOException("a hint of what has none");
        }
      }
    } catch (EOFException e) {
      throw new IOException("a hint that is cut off", e);
    }
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("hint longer than its file");
    }
    return in.readNBytes(length);
  }
}
