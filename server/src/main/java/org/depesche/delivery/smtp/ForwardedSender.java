package org.depesche.delivery.smtp;

import org.depesche.mail.Mailbox;
import org.depesche.mail.ReversePath;

/// Says who mail is from that an alias or an account sends on to another server.
public interface ForwardedSender {

  /// It stays from whom it was.
  ForwardedSender UNCHANGED = (sender, _, _) -> sender;

  /// The sender to give, to which notifications go.
  ///
  /// @param recipient of ours that it came to
  /// @param to where it goes on to
  ReversePath sender(ReversePath sender, Mailbox recipient, Mailbox to);
}
