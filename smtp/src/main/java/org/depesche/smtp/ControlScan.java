package org.depesche.smtp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Finds the bytes that need a look among those that do not, eight at a time.
final class ControlScan {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  /// One more than the largest byte looked for: CR is 13.
  private static final int BOUND = '\r' + 1;

  private ControlScan() {}

  /// The first position of NUL, CR or LF; `to` when there is none.
  static int next(byte[] bytes, int from, int to) {
    int i = from;
    while (true) {
      i = nextBelowBound(bytes, i, to);
      if (i == to) {
        return to;
      }
      byte b = bytes[i];
      if (b == '\r' || b == '\n' || b == 0) {
        return i;
      }
      i++;
    }
  }

  /// A byte b of a word is below BOUND exactly when subtracting BOUND from it borrows and its high
  /// bit was clear. A borrow may spill into higher bytes, so only the lowest mark is sure to be
  /// right, and that is the one asked for.
  private static int nextBelowBound(byte[] bytes, int from, int to) {
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      long word = (long) LONG.get(bytes, i);
      long marks = (word - ONES * BOUND) & ~word & HIGHS;
      if (marks != 0) {
        return i + (Long.numberOfTrailingZeros(marks) >>> 3);
      }
    }
    while (i < to && (bytes[i] & 0xff) >= BOUND) {
      i++;
    }
    return i;
  }
}
