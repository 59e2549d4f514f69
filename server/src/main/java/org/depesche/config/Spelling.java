package org.depesche.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the word that was meant.
final class Spelling {

  /// Words up to this long may have one wrong letter, longer ones two.
  private static final int SHORT = 4;

  private Spelling() {}

  /// The known word nearest to one that is not; empty when none is near.
  static Optional<String> nearest(String word, Collection<String> known) {
    String plain = plain(word);
    int allowed = plain.length() <= SHORT ? 1 : 2;
    return known.stream()
        .filter(k -> Math.abs(k.length() - plain.length()) <= allowed)
        .filter(k -> distance(plain, k) <= allowed)
        .min(Comparator.comparingInt(k -> distance(plain, k)));
  }

  /// A word as keys are spelled: messageSize and message_size are message-size.
  private static String plain(String word) {
    return word.replaceAll("([a-z])([A-Z])", "$1-$2").replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /// How many letters have to be changed, added or taken away (Levenshtein).
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    Arrays.setAll(previous, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
