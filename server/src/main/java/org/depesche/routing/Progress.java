package org.depesche.routing;

import java.util.List;
import org.depesche.mail.Mailbox;

/// What narrows the ways of a recipient.
///
/// @param via the next hop an operator has chosen instead of the usual ones; empty for none
/// @param done of the addresses it leads to, those that are over
public record Progress(String via, List<Mailbox> done) {

  /// Of a recipient nothing has been done about.
  public static final Progress NONE = new Progress("", List.of());
}
