package org.depesche.directory;

import java.util.Optional;
import org.depesche.mail.Mailbox;

/// Knows the senders that forwarded mail was given.
public interface Rewritten {

  /// Nobody's.
  Rewritten NONE = _ -> Optional.empty();

  /// Who it was before, to whom notifications go on.
  ///
  /// @param localPart of an address in a domain of ours
  Optional<Mailbox> back(String localPart);
}
