package org.depesche.directory.ldap;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// A directory and what to ask it.
///
/// @param startTls whether TLS is begun before anything else is said (RFC 4511 §4.14.1)
/// @param caCertificates PEM file with whom to trust; empty for whom the JDK trusts
/// @param bindDn who asks; empty for nobody in particular
/// @param base below this entry everything is looked for
/// @param account finds an account
/// @param alias finds an alias
/// @param domain finds a domain
/// @param connections at once, at most, and as many again for checking passwords
/// @param timeout for a connection, and for an answer
public record LdapSettings(
    LdapServer server,
    boolean startTls,
    Optional<Path> caCertificates,
    Optional<String> bindDn,
    Optional<String> password,
    DistinguishedName base,
    Optional<SearchFilter> account,
    Optional<SearchFilter> alias,
    Optional<SearchFilter> domain,
    Attributes attributes,
    int connections,
    Duration timeout) {

  /// The password is nobody's business.
  @Override
  public String toString() {
    return server.toString();
  }
}
