package org.depesche.queue;

import java.time.Instant;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.mail.Mailbox;
import org.depesche.spool.RecipientState;

/// Something about a recipient that its sender may have to be told (RFC 3461 §5.2, §6).
///
/// @param recipient index in the envelope
/// @param address the address it was tried at; differs from the recipient's behind an alias
/// @param what what happened
/// @param cause why; empty for what went well
/// @param to who took it; empty where nobody did
/// @param retryUntil until when it will be tried; empty when it will not
/// @param before what the recipient was before that
/// @param item the work it came from, so that it can be done again when the sender cannot be told
/// @param leg the position in that work
record Notice(
    int recipient,
    Mailbox address,
    What what,
    Optional<Cause> cause,
    String to,
    Optional<Instant> retryUntil,
    RecipientState.Waiting before,
    Item item,
    int leg) {

  /// What can be told (RFC 3464 §2.3.3).
  enum What {
    /// Given up.
    FAILED,
    /// Not delivered yet.
    DELAYED,
    /// In its mailbox.
    DELIVERED,
    /// At a server that tells nothing of success.
    RELAYED,
    /// With all the addresses that an alias stands for (RFC 3461 §5.2.7.3).
    EXPANDED
  }
}
