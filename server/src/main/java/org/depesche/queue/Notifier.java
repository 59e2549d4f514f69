package org.depesche.queue;

import java.util.List;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.depesche.telemetry.MailEvent;

/// Writes what senders have to be told about their messages.
@FunctionalInterface
interface Notifier {

  /// A notification that waits to be committed.
  ///
  /// @param writer complete and described
  /// @param told the event for when it is durable
  record Written(SpoolWriter writer, MailEvent told) {}

  /// Notifications about one message; none when its sender wants to hear nothing of it, or has no
  /// address.
  ///
  /// @throws org.depesche.spool.SpoolException when they cannot be written now
  List<Written> write(StoredMessage message, List<Notice> notices);
}
