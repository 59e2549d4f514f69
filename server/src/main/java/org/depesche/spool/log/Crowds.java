package org.depesche.spool.log;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/// Heads of messages to many: decoded anew for each attempt, they would take more than the
/// deliveries. Made when there is the first.
final class Crowds {

  /// A message to as many is opened for each of them.
  private static final int CROWD = 16;

  /// Recipients remembered, in all.
  private static final int MOST = 20_000;

  private volatile @Nullable Cache<Long, EnvelopeCodec.Head> heads;

  EnvelopeCodec.@Nullable Head known(long id) {
    Cache<Long, EnvelopeCodec.Head> all = heads;
    return all == null ? null : all.getIfPresent(id);
  }

  /// Remembers one that is to many.
  void remember(long id, EnvelopeCodec.Head head) {
    if (head.envelope().recipients().size() >= CROWD) {
      heads().put(id, head);
    }
  }

  private synchronized Cache<Long, EnvelopeCodec.Head> heads() {
    Cache<Long, EnvelopeCodec.Head> all = heads;
    if (all == null) {
      all =
          Caffeine.newBuilder()
              .maximumWeight(MOST)
              .weigher((Long _, EnvelopeCodec.Head head) -> head.envelope().recipients().size())
              .executor(Runnable::run)
              .build();
      heads = all;
    }
    return all;
  }
}
