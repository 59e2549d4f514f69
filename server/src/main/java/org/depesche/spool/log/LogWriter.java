package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredEnvelope;
import org.depesche.spool.log.MessagePayload.Chunk;
import org.jspecify.annotations.Nullable;

/// A message on its way into the log. Content gathers in memory up to the size of a chunk; a
/// message that fits is one record, a bigger one goes to disk chunk by chunk as it comes.
final class LogWriter implements SpoolWriter {

  /// Content kept in memory, at most.
  static final int CHUNK = 256 * 1024;

  private static final int FIRST = 4_096;

  private final LogSpool spool;
  private final EnvelopeId id;
  private final List<Chunk> chunks = new ArrayList<>(0);
  private byte[] buffer = new byte[FIRST];
  private int length;
  private long size;
  private @Nullable Described described;
  private boolean ended;

  private record Described(Envelope envelope, String prefix, Instant receivedAt) {}

  LogWriter(LogSpool spool, EnvelopeId id) {
    this.spool = spool;
    this.id = id;
  }

  @Override
  public EnvelopeId id() {
    return id;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    int from = offset;
    int left = count;
    while (left > 0) {
      if (length == CHUNK) {
        writeChunk();
      }
      int piece = Math.min(left, CHUNK - length);
      if (length + piece > buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.min(CHUNK, Math.max(length + piece, 3 * length)));
      }
      System.arraycopy(bytes, from, buffer, length, piece);
      length += piece;
      from += piece;
      left -= piece;
    }
    size += count;
  }

  private void writeChunk() {
    ChunkAppend append = new ChunkAppend(buffer, length);
    spool.submit(append);
    append.await(spool.settings().commitTimeout());
    length = 0;
  }

  /// Writes one chunk. Its sync comes with that of the message.
  private final class ChunkAppend extends Append {

    private final byte[] content;
    private final int contentLength;

    ChunkAppend(byte[] content, int contentLength) {
      this.content = content;
      this.contentLength = contentLength;
    }

    @Override
    List<Part> parts() {
      return List.of(
          Part.of(LogRecord.Type.CHUNK, id.value(), Part.NOTHING, content, contentLength));
    }

    @Override
    Sync sync() {
      return Sync.LATER;
    }

    @Override
    void published(Segment segment, int[] offsets) {
      Chunk chunk = new Chunk(segment.sequence, offsets[0], contentLength);
      spool.state().hold(chunk);
      chunks.add(chunk);
    }

    @Override
    void abandoned(Segment segment, int[] offsets) {
      // The writer has given up; what it holds is released by its abort, and this is held by
      // nobody.
    }
  }

  @Override
  public void describe(Envelope envelope, String prefix, Instant receivedAt) {
    described = new Described(envelope, prefix, receivedAt);
  }

  @Override
  public void commit() {
    if (ended) {
      throw new IllegalStateException("the message has ended");
    }
    CommitAppend append = new CommitAppend();
    ended = true;
    try {
      spool.submit(append);
    } catch (SpoolException e) {
      release();
      throw e;
    }
    // From here on the chunks are the group's to release.
    append.await(spool.settings().commitTimeout());
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      release();
    }
  }

  /// The message holds its chunks itself now, or nobody does.
  void release() {
    spool.state().releaseChunks(chunks);
    chunks.clear();
  }

  /// Marks it as carried by a settlement.
  void carried() {
    ended = true;
  }

  void refuseUnlessComplete() {
    if (ended || described == null) {
      throw new IllegalStateException("a notification is complete and not committed");
    }
  }

  private Described described() {
    Described all = described;
    if (all == null) {
      throw new IllegalStateException("describe the message first");
    }
    return all;
  }

  byte[] head() {
    Described all = described();
    byte[] head =
        EnvelopeCodec.encode(
            new EnvelopeCodec.Head(all.envelope(), all.receivedAt(), all.prefix()));
    return MessagePayload.encode(head, chunks);
  }

  Append.Part part(byte[] head) {
    return Append.Part.of(LogRecord.Type.MESSAGE, id.value(), head, buffer, length);
  }

  boolean chunksAreThere() {
    return chunks.stream().allMatch(spool.state()::isThere);
  }

  void publish(Segment segment, int offset, byte[] head) {
    spool.state().message(id.value(), segment.sequence, offset, head.length + length, chunks);
    release();
    LogSpool.hints(
        segment, out -> Hints.message(out, id.value(), offset, head.length + length, head));
  }

  StoredEnvelope stored() {
    Described all = described();
    RecipientState fresh = LogSpool.fresh(all.receivedAt());
    return new StoredEnvelope(
        id,
        all.receivedAt(),
        size + all.prefix().getBytes(UTF_8).length,
        all.envelope(),
        Collections.nCopies(all.envelope().recipients().size(), fresh));
  }

  /// Makes the message durable; encoded and summed up on the thread that waits for it, not on the
  /// committing one.
  private final class CommitAppend extends Append {

    private final byte[] head = head();
    private final List<Part> parts = List.of(part(head));

    @Override
    List<Part> parts() {
      // A segment that had to be given up may have taken chunks with it.
      return chunksAreThere() ? parts : List.of();
    }

    @Override
    void published(Segment segment, int[] offsets) {
      LogWriter.this.publish(segment, offsets[0], head);
      spool.tell(stored());
    }

    @Override
    void abandoned(Segment segment, int[] offsets) {
      // The sender was told to come again: the message must not be delivered now.
      LogWriter.this.publish(segment, offsets[0], head);
      spool.removeAgain(id.value());
    }

    @Override
    void failed(SpoolException why) {
      release();
    }

    @Override
    void cancelled() {
      release();
    }
  }
}
