package org.depesche.config;

import java.util.Optional;
import org.depesche.smtp.AddressParser;

/// Which domains a route is for: `example.org`, `.example.org` for all below it, `*` for all.
public record DomainPattern(String text) {

  /// Reads a pattern. Empty when it is none.
  static Optional<DomainPattern> parse(String text) {
    String name = text.startsWith(".") ? text.substring(1) : text;
    return text.equals("*") || AddressParser.parseDomain(name, true).isPresent()
        ? Optional.of(new DomainPattern(text))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
