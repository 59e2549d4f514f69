package org.depesche.directory;

import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Who lives here. Safe for use by many threads; a whole snapshot at a time, never half a change.
public interface Directory {

  /// True when mail for the domain ends here.
  boolean isLocal(Domain domain);

  /// What an address means: local part looked up as it is, then without subaddress, then the
  /// domain's catch-all. Postmaster of a local domain is always found (RFC 5321 §4.5.1).
  Resolution resolve(Mailbox address);

  /// The address as it is known here: another name of a domain becomes its own.
  default Mailbox canonical(Mailbox address) {
    return address;
  }

  /// The account somebody means who logs in with this name: its address, or the local part alone
  /// where there is one domain only.
  default Optional<Account> login(String name) {
    return Optional.empty();
  }
}
