package org.depesche.smtp;

/// What must not stand in the text of a message (RFC 5321 §2.3.8, RFC 5322 §2.3). A message with
/// any of it is refused as a whole and never repaired: two hosts that repair differently can be
/// made to see different messages.
public enum Violation {
  BARE_CR("carriage return without line feed"),
  BARE_LF("line feed without carriage return"),
  NUL("NUL");

  private final String text;

  Violation(String text) {
    this.text = text;
  }

  /// For people.
  public String text() {
    return text;
  }
}
