package org.depesche.mail;

/// The null reverse path `<>` (RFC 5321 §4.5.5): nobody wants to hear of a failure.
public enum NullPath implements ReversePath {
  INSTANCE;

  @Override
  public String wire() {
    return "";
  }

  @Override
  public String toString() {
    return "<>";
  }
}
