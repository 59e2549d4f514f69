package org.depesche.load;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.depesche.config.DataSize;

/// How large messages are: one size, a range, or several of these with weights, such as
/// `1KiB:70,10KiB-20KiB:25,1MiB:5`.
public record SizeMix(List<Part> parts) {

  /// Largest message that is made.
  static final long MAX_BYTES = 1L << 30;

  private static final int MAX_WEIGHT = 1_000_000;

  /// Sizes from `from` to `to`, each as likely as any other.
  ///
  /// @param weight how often, in proportion to the other parts
  public record Part(long from, long to, int weight) {

    public Part {
      if (from < 1 || to < from || to > MAX_BYTES || weight < 1 || weight > MAX_WEIGHT) {
        throw new IllegalArgumentException("not a size: " + from + "-" + to + ":" + weight);
      }
    }
  }

  public SizeMix {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no size");
    }
  }

  /// Reads a mix.
  ///
  /// @throws IllegalArgumentException when it is none; the message names the part
  public static SizeMix parse(String text) {
    List<Part> parts = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      parts.add(part(each.strip()));
    }
    return new SizeMix(parts);
  }

  private static Part part(String text) {
    String[] sizeAndWeight = text.split(":", -1);
    String[] ends = sizeAndWeight[0].split("-", -1);
    if (sizeAndWeight.length > 2 || ends.length > 2) {
      throw notASize(text);
    }
    long from = bytes(ends[0], text);
    long to = ends.length == 2 ? bytes(ends[1], text) : from;
    String weight = sizeAndWeight.length == 2 ? sizeAndWeight[1].strip() : "1";
    if (to < from || !weight.matches("[1-9][0-9]{0,5}")) {
      throw notASize(text);
    }
    return new Part(from, to, Integer.parseInt(weight));
  }

  private static long bytes(String text, String whole) {
    return DataSize.parse(text)
        .map(DataSize::bytes)
        .filter(bytes -> bytes >= 1 && bytes <= MAX_BYTES)
        .orElseThrow(() -> notASize(whole));
  }

  private static IllegalArgumentException notASize(String text) {
    return new IllegalArgumentException(
        "not a size such as 10KiB, 1KiB-20KiB, or 1KiB:70,1MiB:5: " + text);
  }

  /// The largest there is in it.
  long largest() {
    return parts.stream().mapToLong(Part::to).max().orElseThrow();
  }

  /// The size of the next message.
  long next(RandomGenerator random) {
    int at = random.nextInt(parts.stream().mapToInt(Part::weight).sum());
    for (Part part : parts) {
      at -= part.weight();
      if (at < 0) {
        return part.from() == part.to() ? part.from() : random.nextLong(part.from(), part.to() + 1);
      }
    }
    throw new IllegalStateException("no part of " + parts);
  }
}
