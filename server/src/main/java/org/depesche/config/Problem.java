package org.depesche.config;

/// A mistake in the configuration.
public record Problem(Position at, String message) {

  @Override
  public String toString() {
    return at + ": " + message;
  }
}
