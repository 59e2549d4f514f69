package org.depesche.directory;

import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// A domain whose mail ends here.
///
/// @param catchAll who gets mail to addresses nobody has
/// @param separator what separates a name from a subaddress; empty for none (RFC 5233)
public record LocalDomain(Domain name, Optional<Mailbox> catchAll, String separator) {}
