package org.depesche.delivery;

import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Reply;

/// Why something could not be delivered.
///
/// @param status what kind of trouble it is (RFC 3463)
/// @param text for people: what happened, with the words of who said no
/// @param host the server that was asked; empty when it did not come to that
/// @param reply its reply, when it gave one
public record Cause(
    EnhancedStatus status, String text, Optional<String> host, Optional<Reply> reply) {

  /// Trouble on our side of the connection.
  public static Cause of(String status, String text) {
    return new Cause(EnhancedStatus.parse(status), text, Optional.empty(), Optional.empty());
  }

  @Override
  public String toString() {
    return text;
  }
}
