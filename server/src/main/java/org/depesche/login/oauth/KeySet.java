package org.depesche.login.oauth;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// The provider's public keys (RFC 7517 §5), remembered. They are fetched anew when they are old
/// and when a token names a key that is not among them, the latter once in a while only: anybody
/// can make up names of keys.
final class KeySet {

  /// Where keys come from.
  @FunctionalInterface
  interface Source {
    String fetch() throws UnavailableException;
  }

  static final Duration FRESH = Duration.ofHours(1);
  static final Duration BETWEEN_FETCHES = Duration.ofMinutes(1);

  /// Keys of a provider that has gone are good for so long.
  static final Duration USABLE = Duration.ofDays(1);

  /// How long nobody asks again after a failure, while there are no keys at all.
  static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  private static final int MAX_KEYS = 100;

  private final Source source;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable JWKSet known;
  private @Nullable String failure;
  private boolean asked;
  private long fetchedAt;
  private long askedAt;

  KeySet(Source source, Ticker ticker) {
    this.source = source;
    this.ticker = ticker;
  }

  /// The keys that a token may be signed by.
  ///
  /// @throws UnavailableException when it may be one that cannot be fetched now
  List<JWK> matching(JWKSelector selector) throws UnavailableException {
    lock.lock();
    try {
      if (known == null) {
        fetch(AFTER_FAILURE);
      } else if (isOver(fetchedAt, FRESH)) {
        fetch(BETWEEN_FETCHES);
      }
      if (known != null && isOver(fetchedAt, USABLE)) {
        known = null;
      }
      List<JWK> found = select(selector);
      if (found.isEmpty()) {
        fetch(known == null ? AFTER_FAILURE : BETWEEN_FETCHES);
        found = select(selector);
      }
      if (found.isEmpty() && failure != null) {
        throw new UnavailableException(failure);
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private List<JWK> select(JWKSelector selector) {
    return known == null ? List.of() : selector.select(known);
  }

  private boolean isOver(long since, Duration time) {
    return ticker.nanos() - since >= time.toNanos();
  }

  private void fetch(Duration wait) {
    if (asked && !isOver(askedAt, wait)) {
      return;
    }
    asked = true;
    try {
      JWKSet read = JWKSet.parse(source.fetch());
      if (read.getKeys().size() > MAX_KEYS) {
        throw new UnavailableException("more than " + MAX_KEYS + " keys");
      }
      known = read;
      fetchedAt = ticker.nanos();
      failure = null;
    } catch (ParseException e) {
      failure = "the provider's keys cannot be read: " + e.getMessage();
    } catch (UnavailableException e) {
      failure = "the provider's keys: " + e.reason();
    }
    askedAt = ticker.nanos();
  }
}
