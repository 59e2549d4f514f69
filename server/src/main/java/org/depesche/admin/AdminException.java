package org.depesche.admin;

/// The API cannot do its work.
public final class AdminException extends RuntimeException {

  public AdminException(String message, Throwable cause) {
    super(message, cause);
  }
}
