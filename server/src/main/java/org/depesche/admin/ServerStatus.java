package org.depesche.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A running server at a glance.
///
/// @param started when it was started
/// @param configured when the configuration in force was read
/// @param trouble what keeps it from taking mail
/// @param sessions SMTP sessions alive
public record ServerStatus(
    String version,
    String hostname,
    Instant started,
    Duration uptime,
    Instant configured,
    Optional<String> trouble,
    List<ListenerStatus> listeners,
    int sessions,
    QueueStatus queue,
    SpoolStatus spool) {

  public ServerStatus {
    listeners = List.copyOf(listeners);
  }

  /// A socket that takes mail.
  ///
  /// @param address host and port as bound, or `unix:` and the path of a socket
  public record ListenerStatus(String address, String role) {}

  /// What the queue has to do.
  ///
  /// @param messages messages with something to do
  /// @param waiting deliveries that wait
  /// @param running attempts that run
  /// @param held recipients that wait for an operator
  /// @param destinations destinations with something to do
  public record QueueStatus(
      long messages, long waiting, int running, long held, int destinations) {}

  /// What the spool holds and what it may still hold.
  ///
  /// @param messages messages in it
  /// @param bytes room it takes on the disk
  /// @param freeBytes room left on that disk
  public record SpoolStatus(long messages, long bytes, long freeBytes) {}
}
