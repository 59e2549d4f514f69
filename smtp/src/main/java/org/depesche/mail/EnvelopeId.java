package org.depesche.mail;

/// Names an accepted message for life. 64 bits, growing with time: 42 bits of milliseconds since
/// 2020-01-01T00:00Z, then 21 bits of sequence. Written as 13 characters of lower-case base 32
/// (Crockford's alphabet), which sort like the numbers.
public record EnvelopeId(long value) implements Comparable<EnvelopeId> {

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 13;
  private static final int SEQUENCE_BITS = 21;
  private static final long EPOCH_MILLIS = 1_577_836_800_000L;

  public EnvelopeId {
    if (value < 0) {
      throw new IllegalArgumentException("an envelope id is not negative");
    }
  }

  /// The first id of a millisecond, `epochMillis` since 1970.
  public static EnvelopeId firstAt(long epochMillis) {
    return new EnvelopeId(Math.max(0, epochMillis - EPOCH_MILLIS) << SEQUENCE_BITS);
  }

  /// The id that follows `previous` (0 for none) at a moment: the moment's first, or previous plus
  /// one when the clock stands still or went back.
  public static EnvelopeId next(long previous, long epochMillis) {
    return new EnvelopeId(Math.max(firstAt(epochMillis).value, previous + 1));
  }

  /// Reads what `toString` wrote.
  ///
  /// @throws IllegalArgumentException when it is no id
  public static EnvelopeId parse(String text) {
    if (text.length() != LENGTH) {
      throw new IllegalArgumentException("an envelope id has " + LENGTH + " characters");
    }
    long value = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = ALPHABET.indexOf(Character.toLowerCase(text.charAt(i)));
      if (digit < 0 || i == 0 && digit > 7) {
        throw new IllegalArgumentException("not an envelope id: " + text);
      }
      value = value << 5 | digit;
    }
    return new EnvelopeId(value);
  }

  /// When it was given, in milliseconds since 1970.
  public long epochMillis() {
    return (value >>> SEQUENCE_BITS) + EPOCH_MILLIS;
  }

  @Override
  public int compareTo(EnvelopeId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    char[] out = new char[LENGTH];
    long rest = value;
    for (int i = LENGTH - 1; i >= 0; i--) {
      out[i] = ALPHABET.charAt((int) (rest & 31));
      rest >>>= 5;
    }
    return new String(out);
  }
}
