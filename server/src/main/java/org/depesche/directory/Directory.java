package org.depesche.directory;

import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Who lives here. Safe for use by many threads.
public interface Directory {

  /// Whether answers come at once: nothing else has to be asked for them. Otherwise calls may
  /// block, and are not for threads that must not.
  default boolean isImmediate() {
    return true;
  }

  /// Whether what is known of an account is from memory at present, because who keeps it does not
  /// answer: a password that is wrong by it may be right.
  default boolean isAway(Account account) {
    return false;
  }

  /// True when mail for the domain ends here.
  ///
  /// @throws UnavailableException when it cannot be said now
  boolean isLocal(Domain domain) throws UnavailableException;

  /// What an address means: local part looked up as it is, then without subaddress, then the
  /// domain's catch-all. Postmaster of a local domain is always found (RFC 5321 §4.5.1).
  Resolution resolve(Mailbox address);

  /// The address as it is known here: another name of a domain becomes its own.
  ///
  /// @throws UnavailableException when it cannot be said now
  default Mailbox canonical(Mailbox address) throws UnavailableException {
    return address;
  }

  /// The account that has this address.
  ///
  /// @throws UnavailableException when it cannot be said now
  default Optional<Account> account(Mailbox address) throws UnavailableException {
    return Optional.empty();
  }

  /// How much the mailbox of an account may hold, in octets; empty for no limit.
  ///
  /// @throws UnavailableException when it cannot be said now
  default OptionalLong quota(Mailbox account) throws UnavailableException {
    return account(account).map(Account::quota).orElse(OptionalLong.empty());
  }

  /// The account somebody means who logs in with this name: its address, or the local part alone
  /// where there is one domain only. As it is now, whatever is remembered; nobody is unknown while
  /// somebody who is asked does not answer.
  ///
  /// @throws UnavailableException when it cannot be said now
  default Optional<Account> login(String name) throws UnavailableException {
    return Optional.empty();
  }

  /// Whether this is the password of an account that has no hash of it; empty when that is for
  /// nobody to say.
  ///
  /// @throws UnavailableException when it cannot be said now
  default Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    return Optional.empty();
  }
}
