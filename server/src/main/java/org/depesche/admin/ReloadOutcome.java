package org.depesche.admin;

import java.util.List;

/// What became of a new configuration.
public sealed interface ReloadOutcome {

  /// It is in force.
  ///
  /// @param pending what was changed and takes effect at the next start only, a sentence each
  record Reloaded(List<String> pending) implements ReloadOutcome {
    public Reloaded {
      pending = List.copyOf(pending);
    }
  }

  /// It was refused, the old one stays in force.
  ///
  /// @param problems one each, with file, line and column
  record Refused(List<String> problems) implements ReloadOutcome {
    public Refused {
      problems = List.copyOf(problems);
    }
  }
}
