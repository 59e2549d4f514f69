package org.depesche.config;

/// What a listener is for.
public enum Role {
  /// Takes mail for our domains from the world.
  MX,
  /// Takes mail to anywhere from those who log in; TLS by STARTTLS (RFC 6409).
  SUBMISSION,
  /// The same with TLS from the first octet on (RFC 8314 §3.3).
  SUBMISSIONS,
  /// Takes mail for our domains from a server before us, by LMTP (RFC 2033).
  LMTP;

  /// True for listeners of those who send, and not of other servers.
  public boolean isSubmission() {
    return this == SUBMISSION || this == SUBMISSIONS;
  }
}
