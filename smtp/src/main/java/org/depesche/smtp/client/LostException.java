package org.depesche.smtp.client;

/// The dialogue cannot go on.
final class LostException extends Exception {

  private static final long serialVersionUID = 1L;

  LostException(String reason) {
    super(reason);
  }

  LostException(String reason, Throwable cause) {
    super(reason, cause);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
