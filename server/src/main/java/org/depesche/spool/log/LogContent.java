package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.depesche.message.Content;
import org.depesche.spool.log.MessagePayload.Chunk;
import org.jspecify.annotations.Nullable;

/// The content of a message: what stands in its record is in memory already, chunks are read and
/// checked one at a time.
final class LogContent implements Content {

  private final LogSpool spool;
  private final LogState.Pinned pinned;
  private final long id;
  private final List<Chunk> chunks;
  private final byte[] record;
  private final int recordOffset;
  private final long chunked;
  private final AtomicBoolean closed = new AtomicBoolean();
  private byte @Nullable [] cached;
  private int cachedIndex = -1;

  LogContent(
      LogSpool spool,
      LogState.Pinned pinned,
      long id,
      List<Chunk> chunks,
      byte[] record,
      int recordOffset) {
    this.spool = spool;
    this.pinned = pinned;
    this.id = id;
    this.chunks = chunks;
    this.record = record;
    this.recordOffset = recordOffset;
    this.chunked = chunks.stream().mapToLong(Chunk::length).sum();
  }

  @Override
  public long size() {
    return chunked + record.length - recordOffset;
  }

  @Override
  public int read(long position, ByteBuffer into) throws IOException {
    if (position >= size()) {
      return -1;
    }
    if (position >= chunked) {
      return copy(record, recordOffset + (int) (position - chunked), record.length, into);
    }
    long start = 0;
    int index = 0;
    while (position >= start + chunks.get(index).length()) {
      start += chunks.get(index).length();
      index++;
    }
    byte[] bytes = chunk(index);
    return copy(
        bytes,
        LogRecord.HEADER + (int) (position - start),
        LogRecord.HEADER + chunks.get(index).length(),
        into);
  }

  private static int copy(byte[] from, int start, int end, ByteBuffer into) {
    int length = Math.min(into.remaining(), end - start);
    into.put(from, start, length);
    return length;
  }

  private byte[] chunk(int index) throws IOException {
    byte[] bytes = cached;
    if (bytes == null || index != cachedIndex) {
      Chunk chunk = chunks.get(index);
      bytes =
          spool.readRecord(
              chunk.segment(), chunk.offset(), chunk.length(), LogRecord.Type.CHUNK, id);
      cached = bytes;
      cachedIndex = index;
    }
    return bytes;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      spool.unpin(pinned);
    }
  }
}
