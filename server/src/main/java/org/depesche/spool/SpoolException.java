package org.depesche.spool;

/// The spool cannot do what was asked.
public final class SpoolException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// What kind of trouble it is; the SMTP reply depends on it.
  public enum Kind {
    /// No space, or less than the threshold (452 4.3.1).
    FULL,
    /// Not durable within the time allowed (451 4.3.0).
    SLOW,
    /// Reading or writing failed (451 4.3.0).
    BROKEN,
    /// The spool has been closed (421 4.3.2).
    CLOSED
  }

  private final Kind kind;

  public SpoolException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public SpoolException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
