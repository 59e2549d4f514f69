package org.depesche.tls.acme;

import java.time.Instant;
import java.util.Optional;

/// Why no certificate was obtained.
final class AcmeTrouble extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Optional<Instant> notBefore;

  /// @param notBefore when the authority will hear us again, where it says so
  AcmeTrouble(String why, Optional<Instant> notBefore) {
    super(why);
    this.notBefore = notBefore;
  }

  AcmeTrouble(String why) {
    this(why, Optional.empty());
  }

  Optional<Instant> notBefore() {
    return notBefore;
  }
}
