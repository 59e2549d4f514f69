package org.depesche.config;

import java.util.Locale;
import java.util.Optional;

/// SHA-256 of a certificate.
///
/// @param hex in lower case, without colons
public record Fingerprint(String hex) {

  /// Reads 64 hexadecimal digits, with or without colons between pairs.
  static Optional<Fingerprint> parse(String text) {
    String hex = text.strip().replace(":", "").toLowerCase(Locale.ROOT);
    return hex.matches("[0-9a-f]{64}") ? Optional.of(new Fingerprint(hex)) : Optional.empty();
  }

  @Override
  public String toString() {
    return hex;
  }
}
