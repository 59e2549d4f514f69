package org.depesche.directory;

import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Who lives here. Safe for use by many threads; a whole snapshot at a time, never half a change.
public interface Directory {

  /// True when mail for the domain ends here.
  boolean isLocal(Domain domain);

  /// What an address means: local part looked up as it is, then without subaddress, then the
  /// domain's catch-all. Postmaster of a local domain is always found (RFC 5321 §4.5.1).
  Resolution resolve(Mailbox address);
}
