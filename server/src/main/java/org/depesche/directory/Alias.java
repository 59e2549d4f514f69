package org.depesche.directory;

import java.util.List;
import org.depesche.mail.Mailbox;

/// An address that stands for others.
///
/// @param to accounts, other aliases, and addresses elsewhere
public record Alias(Mailbox address, List<Mailbox> to) {

  public Alias {
    to = List.copyOf(to);
  }
}
