package org.depesche.directory.ldap;

import com.unboundid.ldap.sdk.DN;
import java.util.Optional;

/// The name of an entry.
///
/// @param text as RFC 4514 writes it
public record DistinguishedName(String text) {

  /// Reads a name such as `ou=people,dc=example,dc=org`.
  public static Optional<DistinguishedName> parse(String text) {
    return !text.isBlank() && DN.isValidDN(text)
        ? Optional.of(new DistinguishedName(text))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
