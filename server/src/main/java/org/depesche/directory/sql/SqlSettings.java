package org.depesche.directory.sql;

import java.time.Duration;
import java.util.Optional;

/// A database and what to ask it.
///
/// @param url JDBC URL, of PostgreSQL or SQLite
/// @param domain finds a domain
/// @param account finds an account
/// @param alias finds whom an alias leads to
/// @param connections at once, at most
/// @param timeout for a connection, and for an answer
public record SqlSettings(
    String url,
    Optional<String> user,
    Optional<String> password,
    Optional<Query> domain,
    Optional<Query> account,
    Optional<Query> alias,
    int connections,
    Duration timeout) {

  /// For logs. A password is nobody's business, and may stand among the parameters.
  @Override
  public String toString() {
    return url.replaceFirst("[?;].*", "");
  }
}
