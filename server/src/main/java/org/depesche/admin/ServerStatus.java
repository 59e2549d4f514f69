package org.depesche.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.queue.QueueCounts;

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
    QueueCounts queue,
    SpoolStatus spool) {

  public ServerStatus {
    listeners = List.copyOf(listeners);
  }

  /// A socket that takes mail.
  ///
  /// @param address host and port as bound
  public record ListenerStatus(String address, String role) {}

  /// What the spool holds and what it may still hold.
  ///
  /// @param messages messages in it
  /// @param bytes room it takes on the disk
  /// @param freeBytes room left on that disk
  public record SpoolStatus(long messages, long bytes, long freeBytes) {}
}
