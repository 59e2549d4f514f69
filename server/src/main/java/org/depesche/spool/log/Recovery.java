package org.depesche.spool.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.depesche.spool.log.MessagePayload.Chunk;
import org.jspecify.annotations.Nullable;

/// Makes the state of the log out of its files: from hints where they can be believed, else by
/// reading the segment. Both ways are the same records applied in the same order.
final class Recovery {

  private final SegmentStore store;
  private final LogState state;
  private final List<Damage> damages = new ArrayList<>();
  private long lastId;

  Recovery(SegmentStore store, LogState state) {
    this.store = store;
    this.state = state;
  }

  void run() throws IOException {
    List<Segment> segments = store.open();
    for (Segment segment : segments) {
      state.add(segment);
    }
    for (Segment segment : segments) {
      if (segment.file.size() < Segment.HEADER) {
        // The crash came before its header was on disk: nothing was ever committed to it.
        segment.end = Segment.HEADER;
      } else {
        recover(segment);
      }
      segment.sealed = true;
    }
  }

  /// What was damaged.
  List<Damage> damages() {
    return damages;
  }

  /// The highest id that was ever given to a message still known to the log.
  long lastId() {
    return lastId;
  }

  private void recover(Segment segment) throws IOException {
    try {
      Segment.check(segment.file, segment.sequence, segment.path);
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("later version")) {
        throw e;
      }
      damaged(segment, 0, Segment.HEADER, String.valueOf(e.getMessage()));
    }
    Hints.Read hints = hints(segment);
    if (hints != null) {
      Hints.forEach(hints.entries(), new Apply(segment));
      segment.end = hints.end();
      return;
    }
    ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    Apply apply = new Apply(segment);
    SegmentScan scan = new SegmentScan(segment, new Visit(segment, apply, gathered));
    scan.run();
    segment.end = scan.goodEnd();
    segment.hints = gathered;
    if (!scan.isSealed()) {
      // RFC 5321 §6.1 is about what was acknowledged; what is behind the good end never was.
      store.cut(segment);
    }
  }

  private Hints.@Nullable Read hints(Segment segment) {
    try {
      Hints.Read read = store.readHints(segment.sequence);
      return read.end() <= segment.file.size() ? read : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void damaged(Segment segment, int offset, int length, String what) throws IOException {
    damages.add(new Damage(segment.path, offset, length, what));
    store.setAside(segment, offset, length);
  }

  /// Applies what hints and records have in common.
  private final class Apply implements Hints.Visitor {

    private final Segment segment;

    Apply(Segment segment) {
      this.segment = segment;
    }

    @Override
    public void message(long id, int offset, int length, byte[] head) throws IOException {
      lastId = Math.max(lastId, id);
      List<Chunk> chunks = MessagePayload.decode(head, 0, head.length).chunks();
      for (Chunk chunk : chunks) {
        if (state.segment(chunk.segment()) == null) {
          damages.add(
              new Damage(segment.path, offset, length, "a chunk of it is in a missing segment"));
          return;
        }
      }
      state.message(id, segment.sequence, offset, length, chunks);
    }

    @Override
    public void states(long id, byte[] states) {
      lastId = Math.max(lastId, id);
      state.states(id, segment.sequence, states);
    }

    @Override
    public void removal(long id) {
      lastId = Math.max(lastId, id);
      LogState.Detached detached = state.detach(id);
      if (detached != null) {
        state.removal(detached, segment.sequence);
      }
    }
  }

  /// Applies records, and gathers hints of them for the next start.
  private final class Visit implements SegmentScan.Visitor {

    private final Segment segment;
    private final Apply apply;
    private final ByteArrayOutputStream gathered;

    Visit(Segment segment, Apply apply, ByteArrayOutputStream gathered) {
      this.segment = segment;
      this.apply = apply;
      this.gathered = gathered;
    }

    @Override
    public void record(LogRecord.Header header, int offset, byte[] payload, int payloadOffset)
        throws IOException {
      long id = header.id();
      switch (header.type()) {
        case MESSAGE -> {
          MessagePayload message = MessagePayload.decode(payload, payloadOffset, header.length());
          byte[] head =
              Arrays.copyOfRange(payload, payloadOffset, payloadOffset + message.contentOffset());
          apply.message(id, offset, header.length(), head);
          Hints.message(gathered, id, offset, header.length(), head);
        }
        case STATES -> {
          byte[] states =
              Arrays.copyOfRange(payload, payloadOffset, payloadOffset + header.length());
          apply.states(id, states);
          Hints.states(gathered, id, states);
        }
        case REMOVAL -> {
          apply.removal(id);
          Hints.removal(gathered, id);
        }
        case CHUNK -> lastId = Math.max(lastId, id);
        case SEAL -> {}
      }
    }

    @Override
    public void damage(int offset, int length, String what) throws IOException {
      damaged(segment, offset, length, what);
    }
  }
}
