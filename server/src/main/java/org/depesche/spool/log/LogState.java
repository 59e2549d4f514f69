package org.depesche.spool.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.depesche.spool.log.MessagePayload.Chunk;
import org.jspecify.annotations.Nullable;

/// What the log means: which messages there are, where, and what of each segment is still needed.
/// Recovery and the running spool apply the same records to it. Every method locks it.
///
/// # Freeing
///
/// A segment may go when nothing in it is needed, nobody reads it, and no older segment exists of
/// which it replaces or removes copies. Without the last rule a removal could go while the removed
/// message's bytes are still there, and a start that has to read everything would find the message
/// alive.
///
/// The newest segment stays, and so does the newest one that knows the highest id: what both say is
/// what keeps numbers and ids from being given twice, when there is no mail left and the clock has
/// gone back.
final class LogState {

  private static final int[] NO_CHUNKS = {};

  private final Index index = new Index();
  private final TreeMap<Integer, Segment> segments = new TreeMap<>();

  /// Segment and payload length of each chunk, for messages that have chunks.
  private final Map<Long, List<Chunk>> chunks = new HashMap<>();

  /// Copies made by compaction of messages that were removed meanwhile, until the removal is on
  /// disk.
  private final Map<Long, Integer> orphanedCopies = new HashMap<>();

  /// Messages with a settlement under way that must not happen in part: until it is known whether
  /// it is durable, their states are not to be written by anybody else.
  private final Set<Long> unsettled = new HashSet<>();

  /// The end of the newest settlement of each message that has one under way.
  private final Map<Long, CompletableFuture<Void>> settling = new HashMap<>();

  /// Where a message was when it was removed.
  record Detached(
      long id,
      int segment,
      int offset,
      int length,
      byte @Nullable [] states,
      int stateSegment,
      List<Chunk> chunks) {}

  /// Where a message is.
  record Place(int segment, int offset, int length, byte @Nullable [] states) {}

  synchronized void add(Segment segment) {
    segments.put(segment.sequence, segment);
  }

  synchronized List<Segment> segments() {
    return new ArrayList<>(segments.values());
  }

  synchronized @Nullable Segment segment(int sequence) {
    return segments.get(sequence);
  }

  synchronized int messages() {
    return index.size();
  }

  synchronized long bytes() {
    long bytes = 0;
    for (Segment segment : segments.values()) {
      bytes += segment.end;
    }
    return bytes;
  }

  /// A record of a segment is about a message, whether that is still there or not.
  synchronized void knows(int segment, long id) {
    Segment home = require(segment);
    home.highestId = Math.max(home.highestId, id);
  }

  /// The highest id of a message that the log knows of; 0 for none.
  synchronized long highestId() {
    return segments.values().stream().mapToLong(segment -> segment.highestId).max().orElse(0);
  }

  synchronized @Nullable Place place(long id) {
    int slot = index.find(id);
    return slot < 0
        ? null
        : new Place(
            index.segment(slot), index.offset(slot), index.length(slot), index.states(slot));
  }

  /// A message record came to be at a place; a copy made before is replaced.
  synchronized void message(long id, int segment, int offset, int length, List<Chunk> itsChunks) {
    Segment home = require(segment);
    knows(segment, id);
    int slot = index.find(id);
    if (slot >= 0) {
      int old = index.segment(slot);
      release(old, LogRecord.size(index.length(slot)));
      releaseChunks(chunks.remove(id));
      supersede(home, old);
    }
    index.put(id, segment, offset, length);
    home.live++;
    home.liveBytes += LogRecord.size(length);
    if (!itsChunks.isEmpty()) {
      chunks.put(id, List.copyOf(itsChunks));
      itsChunks.forEach(this::hold);
    }
  }

  /// True when the message is still where a copy was taken from.
  synchronized boolean isAt(long id, int segment, int offset) {
    int slot = index.find(id);
    return slot >= 0 && index.segment(slot) == segment && index.offset(slot) == offset;
  }

  /// A copy of a message was written that was removed meanwhile. The removal, which comes later in
  /// the log, has to outlive the copy too.
  synchronized void orphanedCopy(long id, int segment) {
    orphanedCopies.put(id, segment);
  }

  /// A states record came to be; `states` counts only where the index does not have newer ones.
  synchronized void states(long id, int segment, byte @Nullable [] states) {
    knows(segment, id);
    int slot = index.find(id);
    if (slot < 0) {
      return;
    }
    release(index.stateSegment(slot), 0);
    index.stateSegment(slot, segment);
    require(segment).live++;
    if (states != null) {
      index.states(slot, states);
    }
  }

  /// The states of a message have changed; their record is to follow. False when there is no such
  /// message.
  synchronized boolean update(long id, byte[] states, CompletableFuture<Void> end) {
    int slot = index.find(id);
    if (slot >= 0) {
      index.states(slot, states);
      settling.put(id, end);
    }
    return slot >= 0;
  }

  /// True when nobody has settled the message since.
  synchronized boolean isNewest(long id, byte[] states) {
    int slot = index.find(id);
    return slot >= 0 && Arrays.equals(index.states(slot), states);
  }

  /// Keeps a message where it is until `settled`.
  synchronized void unsettled(long id) {
    unsettled.add(id);
  }

  synchronized void settled(long id, CompletableFuture<Void> end) {
    unsettled.remove(id);
    settling.remove(id, end);
  }

  /// A settlement that has failed is tried again.
  ///
  /// @param states null for a removal
  synchronized void settlesAgain(long id, byte @Nullable [] states, CompletableFuture<Void> end) {
    if (states == null || isNewest(id, states)) {
      settling.put(id, end);
    }
  }

  /// The end of the newest settlement of a message; null when that is durable.
  synchronized @Nullable CompletableFuture<Void> settling(long id) {
    return settling.get(id);
  }

  synchronized boolean isUnsettled(long id) {
    return unsettled.contains(id);
  }

  /// A settlement has failed as a whole: the states are what they were, unless somebody has changed
  /// them since.
  synchronized void takeBack(long id, byte[] states, byte @Nullable [] former) {
    int slot = index.find(id);
    if (slot >= 0 && Arrays.equals(index.states(slot), states)) {
      index.states(slot, former);
    }
  }

  /// A settlement has failed as a whole: its message is still there.
  synchronized void takeBack(Detached detached) {
    int slot = index.put(detached.id(), detached.segment(), detached.offset(), detached.length());
    index.states(slot, detached.states());
    index.stateSegment(slot, detached.stateSegment());
    if (!detached.chunks().isEmpty()) {
      chunks.put(detached.id(), detached.chunks());
    }
  }

  /// Takes a message out of the index; its removal record is to follow. Null when there is no such
  /// message.
  synchronized @Nullable Detached detach(long id) {
    int slot = index.find(id);
    if (slot < 0) {
      return null;
    }
    List<Chunk> its = chunks.remove(id);
    Detached detached =
        new Detached(
            id,
            index.segment(slot),
            index.offset(slot),
            index.length(slot),
            index.states(slot),
            index.stateSegment(slot),
            its == null ? List.of() : its);
    index.remove(slot);
    return detached;
  }

  /// Takes a message out of the index by a settlement.
  synchronized @Nullable Detached detach(long id, CompletableFuture<Void> end) {
    Detached detached = detach(id);
    if (detached != null) {
      settling.put(id, end);
    }
    return detached;
  }

  /// A removal record came to be.
  synchronized void removal(Detached detached, int segment) {
    Segment home = require(segment);
    knows(segment, detached.id());
    release(detached.segment(), LogRecord.size(detached.length()));
    release(detached.stateSegment(), 0);
    releaseChunks(detached.chunks());
    supersede(home, detached.segment());
    Integer copy = orphanedCopies.remove(detached.id());
    if (copy != null) {
      supersede(home, copy);
    }
  }

  /// A chunk is needed, by a writer or a message.
  synchronized void hold(Chunk chunk) {
    Segment home = require(chunk.segment());
    home.live++;
    home.liveBytes += LogRecord.size(chunk.length());
  }

  synchronized void releaseChunks(@Nullable List<Chunk> held) {
    if (held != null) {
      held.forEach(chunk -> release(chunk.segment(), LogRecord.size(chunk.length())));
    }
  }

  /// True when a chunk's bytes are where it says; they are not when its segment had to be given up.
  synchronized boolean isThere(Chunk chunk) {
    Segment home = segments.get(chunk.segment());
    return home != null && chunk.offset() + LogRecord.size(chunk.length()) <= home.end;
  }

  /// Keeps a message's segments where they are, for a reader; null when there is no such message.
  synchronized @Nullable Pinned pin(long id) {
    Place place = place(id);
    if (place == null) {
      return null;
    }
    List<Chunk> its = chunks.getOrDefault(id, List.of());
    int[] pinned = its.isEmpty() ? NO_CHUNKS : its.stream().mapToInt(Chunk::segment).toArray();
    require(place.segment()).pins++;
    for (int sequence : pinned) {
      require(sequence).pins++;
    }
    return new Pinned(place, require(place.segment()), pinned);
  }

  /// A message whose segments stay until `unpin`.
  record Pinned(Place place, Segment segment, int[] chunkSegments) {}

  synchronized void unpin(Pinned pinned) {
    pinned.segment().pins--;
    for (int sequence : pinned.chunkSegments()) {
      require(sequence).pins--;
    }
  }

  /// The oldest segment nobody needs any more.
  synchronized @Nullable Segment oldestFree() {
    Segment last = newestThatKnows(highestId());
    for (Segment segment : segments.values()) {
      segment.supersedes.removeIf(older -> !segments.containsKey(older));
      if (segment.sealed
          && segment != last
          && segment.sequence != segments.lastKey()
          && segment.live == 0
          && segment.pins == 0
          && segment.supersedes.isEmpty()) {
        return segment;
      }
    }
    return null;
  }

  private @Nullable Segment newestThatKnows(long id) {
    return segments.descendingMap().values().stream()
        .filter(segment -> segment.highestId == id)
        .findFirst()
        .orElse(null);
  }

  /// A segment's file is durably gone.
  synchronized void remove(Segment segment) {
    segments.remove(segment.sequence);
  }

  /// Ids of the messages that have something in a segment.
  synchronized Set<Long> messagesIn(int sequence) {
    Set<Long> found = new LinkedHashSet<>();
    index.forEachSlot(
        slot -> {
          if (index.segment(slot) == sequence || index.stateSegment(slot) == sequence) {
            found.add(index.id(slot));
          }
        });
    chunks.forEach(
        (id, its) -> {
          if (its.stream().anyMatch(c -> c.segment() == sequence)) {
            found.add(id);
          }
        });
    return found;
  }

  /// Nothing is written to a segment any more.
  synchronized void seal(Segment segment, long now) {
    segment.sealed = true;
    segment.sealedAt = now;
  }

  synchronized void end(Segment segment, int end) {
    segment.end = end;
  }

  /// A segment holds what makes something in an older one void.
  synchronized void supersede(int newer, int older) {
    supersede(require(newer), older);
  }

  private void supersede(Segment newer, int older) {
    if (older != newer.sequence && segments.containsKey(older)) {
      newer.supersedes.add(older);
    }
  }

  private void release(int sequence, int bytes) {
    Segment segment = segments.get(sequence);
    if (segment != null) {
      segment.live--;
      segment.liveBytes -= bytes;
    }
  }

  private Segment require(int sequence) {
    Segment segment = segments.get(sequence);
    if (segment == null) {
      throw new IllegalStateException("no segment " + sequence);
    }
    return segment;
  }
}
