package org.depesche.directory;

import java.io.Serial;

/// A directory cannot say now. Never a reason to refuse for good: whoever asked is to ask again
/// later.
public final class UnavailableException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final boolean ofEntry;

  /// A directory that does not answer.
  ///
  /// @param message which one, and why
  public UnavailableException(String message) {
    super(message);
    this.ofEntry = false;
  }

  /// A directory that does not answer.
  ///
  /// @param message which one, and why
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
    this.ofEntry = false;
  }

  private UnavailableException(String message, boolean ofEntry) {
    super(message);
    this.ofEntry = ofEntry;
  }

  /// A directory that answers, with something that cannot be used.
  ///
  /// @param message what is wrong with the entry
  public static UnavailableException ofEntry(String message) {
    return new UnavailableException(message, true);
  }

  /// Whether this is about one entry; others can be had.
  public boolean isOfEntry() {
    return ofEntry;
  }
}
