package org.depesche.directory;

import java.util.List;
import org.depesche.mail.Mailbox;

/// What a directory knows about an address.
public sealed interface Resolution {

  /// The mailboxes behind it, by the address of the account each belongs to; not empty, no
  /// duplicates.
  record Found(List<Mailbox> accounts) implements Resolution {
    public Found {
      accounts = List.copyOf(accounts);
    }
  }

  /// The domain is ours, the local part is nobody's.
  record Unknown() implements Resolution {}

  /// The domain is not ours.
  record Foreign() implements Resolution {}

  /// Cannot be said now; ask again later. Never a reason to refuse for good.
  record Unavailable(String reason) implements Resolution {}
}
