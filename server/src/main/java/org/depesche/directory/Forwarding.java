package org.depesche.directory;

import java.util.List;
import org.depesche.mail.Mailbox;

/// Where an account wants its mail.
///
/// @param to addresses it goes on to, here or elsewhere; empty for none
/// @param keepsCopy whether it stays in the mailbox too
public record Forwarding(List<Mailbox> to, boolean keepsCopy) {

  /// Into the mailbox and nowhere else.
  public static final Forwarding NONE = new Forwarding(List.of(), true);

  public Forwarding {
    to = List.copyOf(to);
  }
}
