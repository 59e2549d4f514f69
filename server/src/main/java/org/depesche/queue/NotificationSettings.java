package org.depesche.queue;

import java.util.Optional;
import org.depesche.dsn.Notification;
import org.depesche.mail.Mailbox;

/// What senders are told, and who else is.
///
/// @param style what notifications have in common
/// @param doubleBounces who is told when a message without a sender cannot be delivered; empty for
///   nobody
public record NotificationSettings(Notification.Style style, Optional<Mailbox> doubleBounces) {}
