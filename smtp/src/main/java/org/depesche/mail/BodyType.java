package org.depesche.mail;

/// What MAIL's BODY parameter declared (RFC 6152 §3, RFC 3030 §3).
public enum BodyType {
  SEVEN_BIT("7BIT"),
  EIGHT_BIT_MIME("8BITMIME"),
  BINARY_MIME("BINARYMIME");

  private final String wire;

  BodyType(String wire) {
    this.wire = wire;
  }

  public String wire() {
    return wire;
  }
}
