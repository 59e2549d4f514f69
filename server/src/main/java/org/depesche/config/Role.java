package org.depesche.config;

/// What a listener is for.
public enum Role {
  /// Takes mail for our domains from the world.
  MX
}
