package org.depesche.config;

import java.util.Optional;
import java.util.Set;

/// Values that are known and that this version cannot do yet. They are refused with that reason.
final class LaterKeys {

  private static final Set<String> ROLES = Set.of("lmtp");

  private LaterKeys() {}

  /// What to say to a listener's role that is known and not there yet.
  static Optional<String> role(String name) {
    return ROLES.contains(name)
        ? Optional.of(
            "\"mx\", \"submission\" or \"submissions\"; this version cannot do " + name + " yet")
        : Optional.empty();
  }
}
