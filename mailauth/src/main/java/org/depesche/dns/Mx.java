package org.depesche.dns;

/// A mail exchanger (RFC 1035 §3.3.9).
///
/// @param preference lower first
/// @param exchange its name in lower case without a dot at the end; empty for the root, which says
///   that there is none (RFC 7505 §3)
public record Mx(int preference, String exchange) {

  /// True for the root, which is no host.
  public boolean isNull() {
    return exchange.isEmpty();
  }
}
