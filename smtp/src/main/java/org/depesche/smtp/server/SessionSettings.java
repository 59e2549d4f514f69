package org.depesche.smtp.server;

import java.time.Duration;

/// What a session goes by. Immutable; a session keeps the one it began with.
///
/// @param hostname our name, in the greeting and for `<postmaster>` without a domain
/// @param listener the role's name, for logs
/// @param maxMessageSize octets of content (RFC 1870 §4)
/// @param maxRecipients of a message; RFC 5321 §4.5.3.1.8 wants 100 at least
/// @param maxErrors refused commands of a session before it is ended
/// @param maxMessages transactions of a session; 0 for no limit
/// @param commandTimeout how long a client may take to send a command (RFC 5321 §4.5.3.2.7: 5
///   minutes at least)
/// @param dataTimeout how long it may pause within content (RFC 5321 §4.5.3.2.5: 3 minutes at
///   least)
public record SessionSettings(
    String hostname,
    String listener,
    long maxMessageSize,
    int maxRecipients,
    int maxErrors,
    int maxMessages,
    Duration commandTimeout,
    Duration dataTimeout) {

  /// What most servers want: 50 MiB, 1,000 recipients, 20 errors, 5 minutes.
  public static SessionSettings defaults(String hostname) {
    return new SessionSettings(
        hostname, "mx", 50L << 20, 1_000, 20, 0, Duration.ofMinutes(5), Duration.ofMinutes(5));
  }
}
