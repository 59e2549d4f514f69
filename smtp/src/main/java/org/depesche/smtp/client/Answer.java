package org.depesche.smtp.client;

import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;

/// What a server said about one recipient.
///
/// @param stage what was answered: MAIL, RCPT, DATA or CONTENT
public record Answer(Recipient recipient, Stage stage, Reply reply) {

  /// True when the server took responsibility (RFC 5321 §6.1): only the answer to the end of the
  /// message does that.
  public boolean accepted() {
    return stage == Stage.CONTENT && reply.isPositive();
  }
}
