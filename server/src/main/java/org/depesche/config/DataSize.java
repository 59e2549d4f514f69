package org.depesche.config;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount of data: `50MiB`, `10KB`, `512`.
public record DataSize(long bytes) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,19})\\s*([A-Za-z]*)");

  /// Reads `50MiB` and its like; empty when it is none or too big to count.
  public static Optional<DataSize> parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      return Optional.empty();
    }
    long unit =
        switch (form.group(2).toLowerCase(Locale.ROOT)) {
          case "", "b" -> 1;
          case "kib" -> 1L << 10;
          case "mib" -> 1L << 20;
          case "gib" -> 1L << 30;
          case "tib" -> 1L << 40;
          case "kb" -> 1_000;
          case "mb" -> 1_000_000;
          case "gb" -> 1_000_000_000;
          case "tb" -> 1_000_000_000_000L;
          default -> 0;
        };
    try {
      return unit == 0
          ? Optional.empty()
          : Optional.of(new DataSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit)));
    } catch (ArithmeticException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    String[] units = {"GiB", "MiB", "KiB"};
    for (int i = 0; i < units.length; i++) {
      long unit = 1L << 10 * (units.length - i);
      if (bytes >= unit && bytes % unit == 0) {
        return bytes / unit + units[i];
      }
    }
    return Long.toString(bytes);
  }
}
