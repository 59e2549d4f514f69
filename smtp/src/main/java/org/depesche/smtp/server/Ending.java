package org.depesche.smtp.server;

/// Why a session is over.
enum Ending {
  QUIT("quit"),
  LOST("lost"),
  TIMEOUT("timeout"),
  ERRORS("errors"),
  REFUSED("refused"),
  TLS("tls"),
  PROXY("proxy"),
  SHUTDOWN("shutdown"),
  BROKEN("broken");

  private final String reason;

  Ending(String reason) {
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  /// True when the peer should be able to read our last words, and may still be sending. With TLS
  /// it is even behind QUIT: its close_notify answers ours (RFC 8446 §6.1).
  boolean isOurs(boolean encrypted) {
    return this != LOST && (this != QUIT || encrypted);
  }
}
