package org.depesche.smtp.client;

/// An extension a client can make use of.
public enum Capability {
  /// RFC 2920
  PIPELINING("PIPELINING"),
  /// RFC 1870
  SIZE("SIZE"),
  /// RFC 3030
  CHUNKING("CHUNKING"),
  /// RFC 3030
  BINARY_MIME("BINARYMIME"),
  /// RFC 6152
  EIGHT_BIT_MIME("8BITMIME"),
  /// RFC 4954
  AUTH("AUTH"),
  /// RFC 3207
  STARTTLS("STARTTLS"),
  /// RFC 8689
  REQUIRETLS("REQUIRETLS"),
  /// RFC 6531
  SMTPUTF8("SMTPUTF8"),
  /// RFC 3461
  DSN("DSN"),
  /// RFC 9422
  LIMITS("LIMITS");

  private final String keyword;

  Capability(String keyword) {
    this.keyword = keyword;
  }

  /// The keyword in the reply to EHLO.
  public String keyword() {
    return keyword;
  }
}
