package org.depesche.login.oauth;

/// The provider gives no answer that can be used. Nothing is known of the token then.
final class UnavailableException extends Exception {

  private static final long serialVersionUID = 1;

  UnavailableException(String reason) {
    super(reason);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
