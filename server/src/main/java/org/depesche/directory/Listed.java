package org.depesche.directory;

import java.util.List;
import java.util.Optional;
import org.depesche.mail.Mailbox;

/// What the configuration says of who lives here.
///
/// @param others asked, in this order, for what is not known here
/// @param postmaster of domains that name none, and of the server itself; empty for whoever has an
///   account there
public record Listed(
    List<LocalDomain> domains,
    List<Account> accounts,
    List<Alias> aliases,
    List<Source> others,
    Optional<Mailbox> postmaster) {

  public Listed {
    domains = List.copyOf(domains);
    accounts = List.copyOf(accounts);
    aliases = List.copyOf(aliases);
    others = List.copyOf(others);
  }
}
