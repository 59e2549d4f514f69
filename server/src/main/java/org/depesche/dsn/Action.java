package org.depesche.dsn;

/// What happened to a recipient (RFC 3464 §2.3.3), the gravest first.
public enum Action {
  /// Given up.
  FAILED("failed"),
  /// Not delivered yet, still being tried.
  DELAYED("delayed"),
  /// At a server that tells nothing of success.
  RELAYED("relayed"),
  /// With all the addresses that an alias stands for.
  EXPANDED("expanded"),
  /// In its mailbox.
  DELIVERED("delivered");

  private final String word;

  Action(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
