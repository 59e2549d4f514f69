package org.depesche.load;

/// What is measured, in the order in which it happens.
public enum Measure {
  /// The TCP connection.
  CONNECT("connect"),
  /// From there to the server's answer to EHLO, the TLS of an `implicit` one not included.
  GREETING("greeting"),
  /// The handshake.
  TLS("tls handshake"),
  /// AUTH.
  LOGIN("login"),
  /// From MAIL to the answer to the message.
  TRANSACTION("transaction"),
  /// From the moment a message was due to the answer to it, a new connection included where it
  /// needed one.
  WHOLE("whole");

  private final String words;

  Measure(String words) {
    this.words = words;
  }

  /// For people.
  @Override
  public String toString() {
    return words;
  }
}
