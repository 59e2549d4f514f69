package org.depesche.dns;

import java.time.Duration;
import java.util.List;

/// What the DNS says to a question.
public sealed interface Answer<T> {

  /// How long the answer holds.
  Duration ttl();

  /// There are records.
  ///
  /// @param records not empty, in the order received
  /// @param authenticated a resolver we trust says that DNSSEC secures them, and every alias on the
  ///   way to them
  /// @param canonicalName where they stand, after all aliases; lower case, no dot at the end
  record Found<T>(List<T> records, boolean authenticated, String canonicalName, Duration ttl)
      implements Answer<T> {
    public Found {
      records = List.copyOf(records);
    }
  }

  /// The name is there, and has no record of this type (RFC 2308 §2.2).
  record NoData<T>(Duration ttl) implements Answer<T> {}

  /// There is no such name (RFC 2308 §2.1).
  record NoSuchName<T>(Duration ttl) implements Answer<T> {}

  /// It could not be found out; another time it may be.
  record Failed<T>(Trouble trouble, String reason) implements Answer<T> {

    /// A failure is remembered briefly, so that many who ask do not ask in vain (RFC 2308 §7).
    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    @Override
    public Duration ttl() {
      return REMEMBERED;
    }
  }

  /// Why there is no answer.
  enum Trouble {
    /// No server answered in time.
    TIMEOUT,
    /// The servers of the name have failed (RFC 1035 §4.1.1 RCODE 2).
    SERVFAIL,
    /// The server does not want to answer (RFC 1035 §4.1.1 RCODE 5), or another code.
    REFUSED,
    /// An answer that makes no sense: a loop of aliases, an answer to another question.
    MALFORMED
  }
}
