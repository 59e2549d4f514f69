package org.depesche.directory;

import java.util.List;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// A domain whose mail ends here.
///
/// @param catchAll who gets mail to addresses nobody has
/// @param separator what separates a name from a subaddress; empty for none (RFC 5233)
/// @param aliases other names of it: an address in one of them is the address in this one
public record LocalDomain(
    Domain name, Optional<Mailbox> catchAll, String separator, List<Domain> aliases) {

  public LocalDomain {
    aliases = List.copyOf(aliases);
  }

  /// A domain with one name.
  public LocalDomain(Domain name, Optional<Mailbox> catchAll, String separator) {
    this(name, catchAll, separator, List.of());
  }
}
