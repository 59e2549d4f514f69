package org.depesche.directory;

import java.io.Serial;

/// A directory cannot say now. Never a reason to refuse for good: whoever asked is to ask again
/// later.
public final class UnavailableException extends Exception {

  @Serial private static final long serialVersionUID = 1;

  /// @param message which directory, and why
  public UnavailableException(String message) {
    super(message);
  }

  /// @param message which directory, and why
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
