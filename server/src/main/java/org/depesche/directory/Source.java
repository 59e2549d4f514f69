package org.depesche.directory;

import java.util.List;
import java.util.Optional;
import org.depesche.mail.Mailbox;

/// Where domains, accounts and aliases are kept: memory, a database, another server. Answers
/// look-ups and nothing more; what an address leads to in the end is for [Resolver] to find.
///
/// Names are in the form in which they are compared: domains as A-labels in lower case, addresses
/// as [MailboxNames#folded] has them. Calls may block, for a bounded time. Safe for use by many
/// threads.
public interface Source {

  /// The domain of ours that goes by this name, its own or another.
  Optional<LocalDomain> domain(String name) throws UnavailableException;

  /// The account that has this very address, as its own or as another.
  Optional<Account> account(String address) throws UnavailableException;

  /// The same for somebody who is logging in, and has perhaps just been given a new password.
  default Optional<Account> login(String address) throws UnavailableException {
    return account(address);
  }

  /// Whom mail to this very address goes to; empty when it is no alias.
  ///
  /// @param address `@domain` for what catches all of a domain
  List<Mailbox> alias(String address) throws UnavailableException;

  /// Whether this is the password of an account that was found here and has no hash of it; empty
  /// when this source does not check passwords.
  default Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    return Optional.empty();
  }

  /// Whether answers are from memory, because who should give them does not answer.
  default boolean isAway() {
    return false;
  }
}
