package org.depesche.directory;

import java.io.IOException;

/// An edit of accounts that is not made. The message says why, to people.
public final class AccountRefusedException extends IOException {

  private static final long serialVersionUID = 1L;

  /// What is wrong with it.
  public enum Kind {
    /// There is nothing of that name.
    UNKNOWN,
    /// It clashes with what is there.
    CONFLICT,
    /// It makes no sense.
    WRONG
  }

  private final Kind kind;

  AccountRefusedException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /// What is wrong with the edit.
  public Kind kind() {
    return kind;
  }
}
