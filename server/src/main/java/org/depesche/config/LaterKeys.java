package org.depesche.config;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Keys that are known and that this version cannot do yet. They are refused and not ignored: a
/// server that quietly did without TLS or a route would do something else than its operator thinks.
final class LaterKeys {

  private static final Map<String, String> LATER = Map.of("tls", "TLS");

  private static final Set<String> ROLES = Set.of("submission", "submissions", "lmtp");

  private LaterKeys() {}

  static Optional<String> reason(String path) {
    return Optional.ofNullable(LATER.get(path))
        .map(what -> path + ": this version cannot do " + what + " yet, take the key out");
  }

  /// What to say to a listener's role that is known and not there yet.
  static Optional<String> role(String name) {
    return ROLES.contains(name)
        ? Optional.of("\"mx\"; this version cannot do " + name + " yet")
        : Optional.empty();
  }
}
