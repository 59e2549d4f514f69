package org.depesche.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Mailbox;

/// Somebody, or something, with a mailbox.
///
/// @param address names the account and its mailbox
/// @param password hash of the password; empty for who cannot log in
/// @param aliases other addresses
public record Account(Mailbox address, Optional<String> password, List<Mailbox> aliases) {

  public Account {
    aliases = List.copyOf(aliases);
  }

  /// All its addresses, the one that names it first.
  public List<Mailbox> addresses() {
    List<Mailbox> all = new ArrayList<>(aliases);
    all.addFirst(address);
    return all;
  }
}
