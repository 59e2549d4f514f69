package org.depesche.dsn;

import java.time.Instant;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;

/// What there is to tell about one recipient.
///
/// @param recipient as accepted
/// @param address where it was tried; another than the recipient's behind an alias
/// @param reason what happened, in the words of whom it happened to
/// @param host the server that was asked; empty when none was
/// @param reply its reply, when it gave one
/// @param retryUntil until when it will be tried; empty when it will not
public record Report(
    Recipient recipient,
    Mailbox address,
    Action action,
    EnhancedStatus status,
    String reason,
    Optional<String> host,
    Optional<Reply> reply,
    Optional<Instant> retryUntil) {}
