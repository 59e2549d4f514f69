package org.depesche.sasl;

import java.text.Normalizer;
import java.util.Optional;

/// RFC 4013: one form for what people type in different ways.
///
/// Directions are those of the JDK's Unicode, not of 3.2; they differ in Braille and a few marks,
/// and only beside letters that run from right to left.
final class SaslPrep {

  private SaslPrep() {}

  /// For what is kept or hashed: characters that Unicode 3.2 did not have are refused.
  static Optional<String> stored(String text) {
    return prepared(text).filter(p -> p.codePoints().noneMatch(CodePoints.UNASSIGNED::contains));
  }

  /// For what is looked up.
  static Optional<String> query(String text) {
    return prepared(text);
  }

  private static Optional<String> prepared(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      return Optional.of(text);
    }
    StringBuilder mapped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              // RFC 4013 §2.1: U+200B is in both tables; the mapping to a space is named first.
              if (CodePoints.OTHER_SPACES.contains(c)) {
                mapped.append(' ');
              } else if (!CodePoints.MAPPED_TO_NOTHING.contains(c)) {
                mapped.appendCodePoint(c);
              }
            });
    // RFC 4013 §2.2
    String normal = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
    // RFC 4013 §2.3
    boolean clean = normal.codePoints().noneMatch(CodePoints.PROHIBITED::contains);
    return clean && runsOneWay(normal) ? Optional.of(normal) : Optional.empty();
  }

  /// RFC 3454 §6: with a letter that runs from right to left there is none that runs from left to
  /// right, and such letters stand at both ends.
  private static boolean runsOneWay(String text) {
    if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
      return true;
    }
    return text.codePoints()
            .noneMatch(
                c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT)
        && isRightToLeft(text.codePointAt(0))
        && isRightToLeft(text.codePointBefore(text.length()));
  }

  private static boolean isRightToLeft(int codePoint) {
    byte direction = Character.getDirectionality(codePoint);
    return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
        || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
  }
}
