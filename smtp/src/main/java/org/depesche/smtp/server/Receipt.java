package org.depesche.smtp.server;

import org.depesche.mail.Reply;

/// The answer to a complete message.
public sealed interface Receipt {

  /// Taken, responsibility included.
  record Accepted(Reply reply) implements Receipt {}

  /// Not taken: `reply` for the peer, `reason` for the log.
  record Refused(Reply reply, String reason) implements Receipt {}
}
