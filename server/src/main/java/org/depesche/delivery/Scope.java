package org.depesche.delivery;

/// What else has to wait when an attempt fails.
public enum Scope {
  /// This recipient only.
  RECIPIENT,
  /// This message, at this destination.
  MESSAGE,
  /// Everything for the host that was asked.
  HOST,
  /// Everything for the destination.
  DESTINATION
}
