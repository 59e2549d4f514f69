package org.depesche.spool.log;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Where every message is: an open-addressing table of primitive columns, because there may be
/// millions. A message takes 32 bytes and the table is at least three eighths full once it has
/// grown, so at most 86 bytes, and its states where it has been tried. Not safe for several
/// threads; the spool locks.
final class Index {

  private static final long FREE = -1;
  private static final long GONE = -2;
  private static final int SMALLEST = 1_024;

  private long[] ids;
  private int[] segments;
  private int[] offsets;
  private int[] lengths;
  private int[] stateSegments;
  private byte[] @Nullable [] states;
  private int size;
  private int used;

  Index() {
    allocate(SMALLEST);
  }

  private void allocate(int capacity) {
    ids = new long[capacity];
    Arrays.fill(ids, FREE);
    segments = new int[capacity];
    offsets = new int[capacity];
    lengths = new int[capacity];
    stateSegments = new int[capacity];
    states = new byte[capacity][];
    size = 0;
    used = 0;
  }

  int size() {
    return size;
  }

  /// The slot of a message; -1 when it is not there. Valid until the next `put` or `remove`.
  int find(long id) {
    int mask = ids.length - 1;
    for (int i = hash(id) & mask; ids[i] != FREE; i = i + 1 & mask) {
      if (ids[i] == id) {
        return i;
      }
    }
    return -1;
  }

  /// Adds a message, or finds it; answers its slot.
  int put(long id, int segment, int offset, int length) {
    int slot = find(id);
    if (slot < 0) {
      if ((used + 1) * 4L > ids.length * 3L) {
        rehash();
      }
      slot = insertionSlot(id);
      size++;
    }
    ids[slot] = id;
    place(slot, segment, offset, length);
    return slot;
  }

  private int insertionSlot(long id) {
    int mask = ids.length - 1;
    int i = hash(id) & mask;
    while (ids[i] >= 0) {
      i = i + 1 & mask;
    }
    if (ids[i] == FREE) {
      used++;
    }
    return i;
  }

  void place(int slot, int segment, int offset, int length) {
    segments[slot] = segment;
    offsets[slot] = offset;
    lengths[slot] = length;
  }

  void remove(int slot) {
    ids[slot] = GONE;
    states[slot] = null;
    stateSegments[slot] = 0;
    size--;
  }

  long id(int slot) {
    return ids[slot];
  }

  int segment(int slot) {
    return segments[slot];
  }

  int offset(int slot) {
    return offsets[slot];
  }

  /// Payload length of the message record.
  int length(int slot) {
    return lengths[slot];
  }

  /// The encoded states; null while all recipients are as they were at the commit.
  byte @Nullable [] states(int slot) {
    return states[slot];
  }

  void states(int slot, byte @Nullable [] encoded) {
    states[slot] = encoded;
  }

  /// The segment of the newest states record; 0 for none.
  int stateSegment(int slot) {
    return stateSegments[slot];
  }

  void stateSegment(int slot, int segment) {
    stateSegments[slot] = segment;
  }

  void forEachSlot(IntConsumer each) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= 0) {
        each.accept(i);
      }
    }
  }

  private void rehash() {
    long[] oldIds = ids;
    int[] oldSegments = segments;
    int[] oldOffsets = offsets;
    int[] oldLengths = lengths;
    int[] oldStateSegments = stateSegments;
    byte[] @Nullable [] oldStates = states;
    // Gone entries may be most of the table: it grows only when the living need it.
    int capacity = size * 2L >= ids.length ? ids.length * 2 : ids.length;
    allocate(capacity);
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] >= 0) {
        int slot = put(oldIds[i], oldSegments[i], oldOffsets[i], oldLengths[i]);
        stateSegments[slot] = oldStateSegments[i];
        states[slot] = oldStates[i];
      }
    }
  }

  private static int hash(long id) {
    long h = id * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }
}
