package org.depesche.smtp.server;

import org.depesche.sasl.Credentials;

/// What one exchange is checked with, and told of its end.
public interface LoginAttempt extends Credentials {

  /// Which of several credentials of an account has proven who the client is; empty for the usual
  /// one.
  default String credential() {
    return "";
  }

  /// The client has proven who it is, or has failed to. What it costs to fail is paid here: the
  /// answer goes out when this returns.
  default void ended(boolean succeeded) {}
}
