package org.depesche.mail;

import java.util.Optional;

/// One recipient of an envelope: the forward path and what RFC 3461 says about it.
///
/// @param address where it goes
/// @param wanted when the sender wants to hear about it (RFC 3461 §4.1)
/// @param original ORCPT as received, `addr-type;xtext` (RFC 3461 §4.2); passed on unchanged
public record Recipient(Mailbox address, Notify wanted, Optional<String> original) {

  public Recipient(Mailbox address) {
    this(address, Notify.DEFAULT, Optional.empty());
  }

  /// The same without the wish to hear of success.
  public Recipient withoutSuccess() {
    return new Recipient(address, wanted.withoutSuccess(), original);
  }
}
