package org.depesche.spool.log;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.log.MessagePayload.Chunk;
import org.jspecify.annotations.Nullable;

/// Makes the state of the log out of its files: from hints where they can be believed, else from
/// those that reading the segment gives. Both are the same and applied in the same order.
final class Recovery {

  private final SegmentStore store;
  private final LogState state;
  private final List<Damage> damages;
  private final Map<Long, Incomplete> incomplete = new TreeMap<>();

  /// @param damages what is known to be damaged already
  Recovery(SegmentStore store, LogState state, List<Damage> damages) {
    this.store = store;
    this.state = state;
    this.damages = new ArrayList<>(damages);
  }

  void run() throws IOException {
    List<Segment> segments = store.open();
    for (Segment segment : segments) {
      state.add(segment);
    }
    for (Segment segment : segments) {
      try {
        recover(segment);
      } catch (IOException e) {
        throw new IOException(segment.path + ": " + e.getMessage(), e);
      }
      segment.sealed = true;
    }
    for (var each : incomplete.entrySet()) {
      Incomplete place = each.getValue();
      // An older copy that is whole makes up for it.
      if (state.place(each.getKey()) == null) {
        String what = "a chunk of " + new EnvelopeId(each.getKey()) + " is in a missing segment";
        damaged(place.segment(), place.offset(), LogRecord.HEADER + place.length(), what);
      }
    }
  }

  /// What was damaged.
  List<Damage> damages() {
    return damages;
  }

  private void recover(Segment segment) throws IOException {
    Hints.Read hints = hints(segment);
    boolean damaged = false;
    switch (segment.readHeader()) {
      case SegmentHeader.Read.Good _ -> {}
      case SegmentHeader.Read.Later(int version) ->
          throw new IOException("it was written by a later version (" + version + ")");
      case SegmentHeader.Read.Damaged(Long salt, String what) -> {
        damaged = true;
        damaged(segment, 0, (int) Math.min(segment.file.size(), Segment.HEADER), what);
        if (salt == null) {
          if (hints == null) {
            takeAside(segment);
            return;
          }
          segment.key = new LogRecord.Key(segment.sequence, hints.salt());
          segment.onlyByHints = true;
        }
      }
    }
    if (hints == null || hints.salt() != segment.key.salt() || isCutShort(segment, hints)) {
      scan(segment, damaged);
    } else {
      Hints.forEach(hints.entries(), new Apply(segment));
      segment.end = hints.end();
      if (damaged) {
        store.repairHeader(segment);
      }
    }
  }

  /// True when bytes are missing that were there when the hints were written.
  private boolean isCutShort(Segment segment, Hints.Read hints) throws IOException {
    long size = segment.file.size();
    if (size >= hints.end()) {
      return false;
    }
    damages.add(
        new Damage(segment.path, (int) size, (int) (hints.end() - size), "the file is cut short"));
    return true;
  }

  private void scan(Segment segment, boolean damaged) throws IOException {
    HintScan scan = new HintScan(segment, (at, length, what) -> damaged(segment, at, length, what));
    scan.run();
    byte[] entries = scan.hints().toByteArray();
    Hints.forEach(entries, new Apply(segment));
    segment.end = scan.goodEnd();
    if (damaged && segment.end == Segment.HEADER) {
      takeAside(segment);
      return;
    }
    if (damaged) {
      store.repairHeader(segment);
    }
    store.makeDurable(segment, scan.syncedEnd());
    if (segment.kept) {
      segment.hints = scan.hints();
      return;
    }
    if (!scan.isSealed()) {
      end(segment, scan.unwritten() == 0);
    }
    try {
      // At once: the hints of all segments together may be more than memory holds.
      store.writeHints(segment, entries);
    } catch (IOException e) {
      segment.hints = scan.hints();
    }
  }

  /// Nothing of a segment is known, so nothing of it is to be cut or used again.
  private void takeAside(Segment segment) throws IOException {
    state.remove(segment);
    try {
      store.damaged().take(segment);
      store.damaged().force();
    } catch (IOException e) {
      // It stays where it is, unused. The next start tries again.
    }
    segment.file.close();
  }

  private void end(Segment segment, boolean synced) {
    try {
      // RFC 5321 §6.1 is about what was acknowledged; what is behind the good end never was.
      store.end(segment, synced);
    } catch (IOException e) {
      // A full disk, for one, must not keep the mail from going out. The next start tries again.
    }
  }

  private Hints.@Nullable Read hints(Segment segment) {
    try {
      return store.readHints(segment);
    } catch (IOException e) {
      return null;
    }
  }

  private void damaged(Segment segment, int offset, int length, String what) {
    Damage damage = new Damage(segment.path, offset, length, what);
    damages.add(store.damaged().copy(segment, damage));
  }

  /// A message record some of whose chunks are in segments that are gone. That is no damage when a
  /// removal or a copy of it follows.
  private record Incomplete(Segment segment, int offset, int length) {}

  /// Applies what hints say.
  private final class Apply implements Hints.Visitor {

    private final Segment segment;

    Apply(Segment segment) {
      this.segment = segment;
    }

    @Override
    public void message(long id, int offset, int length, byte[] head) throws IOException {
      state.knows(segment.sequence, id);
      List<Chunk> chunks = MessagePayload.chunks(head);
      for (Chunk chunk : chunks) {
        if (state.segment(chunk.segment()) == null) {
          replace(incomplete.put(id, new Incomplete(segment, offset, length)));
          return;
        }
      }
      state.message(id, segment.sequence, offset, length, chunks);
      replace(incomplete.remove(id));
    }

    @Override
    public void states(long id, byte[] states) {
      state.states(id, segment.sequence, states);
    }

    @Override
    public void removal(long id) {
      state.knows(segment.sequence, id);
      LogState.Detached detached = state.detach(id);
      if (detached != null) {
        state.removal(detached, segment.sequence);
      }
      replace(incomplete.remove(id));
    }

    private void replace(@Nullable Incomplete former) {
      if (former != null) {
        state.supersede(segment.sequence, former.segment().sequence);
      }
    }
  }
}
