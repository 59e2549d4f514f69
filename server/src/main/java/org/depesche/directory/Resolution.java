package org.depesche.directory;

import java.util.List;
import org.depesche.mail.Mailbox;

/// What a directory knows about an address.
public sealed interface Resolution {

  /// What is behind it; not all empty, no duplicates.
  ///
  /// @param accounts mailboxes, by the address of the account each belongs to
  /// @param elsewhere addresses that are not ours
  record Found(List<Mailbox> accounts, List<Mailbox> elsewhere) implements Resolution {

    public Found {
      accounts = List.copyOf(accounts);
      elsewhere = List.copyOf(elsewhere);
    }

    /// Mailboxes of ours.
    public Found(List<Mailbox> accounts) {
      this(accounts, List.of());
    }
  }

  /// The domain is ours, the local part is nobody's.
  record Unknown() implements Resolution {}

  /// It is an account's that takes no mail at present.
  record Disabled(Mailbox account) implements Resolution {}

  /// The domain is not ours.
  record Foreign() implements Resolution {}

  /// Cannot be said now; ask again later. Never a reason to refuse for good.
  record Unavailable(String reason) implements Resolution {}
}
