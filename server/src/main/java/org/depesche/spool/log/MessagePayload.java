package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The payload of a message record: head length, head, number of chunks, their places, then content
/// bytes up to the end.
///
/// @param head envelope and prefix, as `EnvelopeCodec` has them
/// @param chunks where the content begins, in order
/// @param contentOffset where in the payload the rest of the content begins
record MessagePayload(byte[] head, List<Chunk> chunks, int contentOffset) {

  /// A chunk record's place.
  ///
  /// @param length its payload
  record Chunk(int segment, int offset, int length) {}

  private static final int CHUNK_BYTES = 12;

  /// What stands before the content.
  static byte[] encode(byte[] head, List<Chunk> chunks) {
    ByteBuffer out = ByteBuffer.allocate(4 + head.length + 4 + CHUNK_BYTES * chunks.size());
    out.putInt(head.length).put(head).putInt(chunks.size());
    for (Chunk chunk : chunks) {
      out.putInt(chunk.segment()).putInt(chunk.offset()).putInt(chunk.length());
    }
    return out.array();
  }

  /// Reads a payload, or the beginning of one that reaches as far as the places of chunks.
  static MessagePayload decode(byte[] payload, int offset, int length) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(payload, offset, length);
    int headLength = headLength(in);
    byte[] head = Arrays.copyOfRange(payload, in.position(), in.position() + headLength);
    in.position(in.position() + headLength);
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / CHUNK_BYTES) {
      throw new IOException("message record with an impossible number of chunks");
    }
    List<Chunk> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Chunk chunk = new Chunk(in.getInt(), in.getInt(), in.getInt());
      if (chunk.segment() < 1 || chunk.offset() < Segment.HEADER || chunk.length() < 0) {
        throw new IOException("message record with a chunk in an impossible place");
      }
      chunks.add(chunk);
    }
    return new MessagePayload(head, chunks, in.position() - offset);
  }

  /// The places of chunks alone.
  static List<Chunk> chunks(byte[] beginning) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(beginning);
    in.position(4 + headLength(in));
    return in.remaining() == 4 && in.getInt() == 0
        ? List.of()
        : decode(beginning, 0, beginning.length).chunks();
  }

  private static int headLength(ByteBuffer in) throws IOException {
    int length = in.remaining() < 8 ? -1 : in.getInt();
    if (length < 0 || length > in.remaining() - 4) {
      throw new IOException("message record with an impossible head");
    }
    return length;
  }
}
