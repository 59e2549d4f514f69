package org.depesche.spool.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.depesche.spool.log.MessagePayload.Chunk;

/// A message written again at the end of the log, with its states, so that the segment it was in
/// can go.
final class MoveAppend extends Append {

  private final LogSpool spool;
  private final long id;
  private final LogState.Place from;
  private final byte[] head;
  private final byte[] record;
  private final int contentOffset;
  private final List<Chunk> chunks;
  private byte[] states = Part.NOTHING;

  private MoveAppend(
      LogSpool spool,
      long id,
      LogState.Place from,
      byte[] head,
      byte[] record,
      int contentOffset,
      List<Chunk> chunks) {
    this.spool = spool;
    this.id = id;
    this.from = from;
    this.head = head;
    this.record = record;
    this.contentOffset = contentOffset;
    this.chunks = chunks;
  }

  /// Moves a message and waits until that is durable.
  ///
  /// @throws IOException when it cannot be read
  static void move(LogSpool spool, long id, LogState.Place place) throws IOException {
    byte[] record =
        spool.readRecord(
            place.segment(), place.offset(), place.length(), LogRecord.Type.MESSAGE, id);
    MessagePayload payload =
        MessagePayload.decode(record, LogRecord.HEADER, record.length - LogRecord.HEADER);
    List<Chunk> copied = new ArrayList<>();
    try {
      for (Chunk chunk : payload.chunks()) {
        copied.add(copy(spool, id, chunk));
      }
      MoveAppend append =
          new MoveAppend(
              spool,
              id,
              place,
              MessagePayload.encode(payload.head(), copied),
              record,
              LogRecord.HEADER + payload.contentOffset(),
              copied);
      spool.submit(append);
      append.await(spool.settings().commitTimeout());
    } finally {
      spool.state().releaseChunks(copied);
    }
  }

  private static Chunk copy(LogSpool spool, long id, Chunk chunk) throws IOException {
    byte[] record =
        spool.readRecord(chunk.segment(), chunk.offset(), chunk.length(), LogRecord.Type.CHUNK, id);
    List<Chunk> written = new ArrayList<>(1);
    Append append =
        new Append() {
          @Override
          List<Part> parts() {
            byte[] content = Arrays.copyOfRange(record, LogRecord.HEADER, record.length);
            return List.of(
                Part.of(LogRecord.Type.CHUNK, id, Part.NOTHING, content, content.length));
          }

          @Override
          Sync sync() {
            return Sync.LATER;
          }

          @Override
          void published(Segment segment, int[] offsets) {
            Chunk copy = new Chunk(segment.sequence, offsets[0], chunk.length());
            spool.state().hold(copy);
            written.add(copy);
          }

          @Override
          void abandoned(Segment segment, int[] offsets) {
            // Held by nobody.
          }
        };
    spool.submit(append);
    append.await(spool.settings().commitTimeout());
    return written.getFirst();
  }

  @Override
  List<Part> parts() {
    // Removed or moved since it was read: a copy now would bring it back. Or about to be settled:
    // its newest states may come to nothing.
    if (!spool.state().isAt(id, from.segment(), from.offset())
        || spool.state().isUnsettled(id)
        || !chunks.stream().allMatch(spool.state()::isThere)) {
      return List.of();
    }
    byte[] content = Arrays.copyOfRange(record, contentOffset, record.length);
    List<Part> parts = new ArrayList<>();
    parts.add(Part.of(LogRecord.Type.MESSAGE, id, head, content, content.length));
    LogState.Place now = spool.state().place(id);
    byte[] newest = now == null ? null : now.states();
    if (newest != null) {
      states = newest;
      parts.add(Part.of(LogRecord.Type.STATES, id, newest));
    }
    return parts;
  }

  @Override
  void endEmpty() {
    endMoot();
  }

  @Override
  void published(Segment segment, int[] offsets) {
    int length = head.length + record.length - contentOffset;
    LogSpool.hints(segment, out -> Hints.message(out, id, offsets[0], length, head));
    if (offsets.length > 1) {
      LogSpool.hints(segment, out -> Hints.states(out, id, states));
    }
    if (spool.state().isAt(id, from.segment(), from.offset())) {
      spool.state().message(id, segment.sequence, offsets[0], length, chunks);
      if (offsets.length > 1) {
        spool.state().states(id, segment.sequence, null);
      }
    } else {
      spool.state().orphanedCopy(id, segment.sequence);
    }
  }
}
