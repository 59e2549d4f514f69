package org.depesche.mail;

/// An enhanced status code `class.subject.detail` (RFC 3463, registry of RFC 5248).
public record EnhancedStatus(int classDigit, int subject, int detail) {

  public EnhancedStatus {
    if (classDigit != 2 && classDigit != 4 && classDigit != 5
        || subject < 0
        || subject > 999
        || detail < 0
        || detail > 999) {
      throw new IllegalArgumentException(
          "not an enhanced status: " + classDigit + "." + subject + "." + detail);
    }
  }

  /// Reads `5.1.1`.
  ///
  /// @throws IllegalArgumentException when it is none
  public static EnhancedStatus parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not an enhanced status: " + text);
    }
    return new EnhancedStatus(
        Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
  }

  @Override
  public String toString() {
    return classDigit + "." + subject + "." + detail;
  }
}
