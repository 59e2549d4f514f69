package org.depesche.limits;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How much mail an account, or a client network that has not logged in, may send in a time: a
/// bucket that leaks for each [Kind]. What was taken is given back evenly over the period, so that
/// nobody waits for a whole one.
///
/// Memory is bounded: of more senders than fit, those that were quiet longest are forgotten. Safe
/// for use by many threads.
public final class Allowances {

  /// What is counted.
  public enum Kind {
    MESSAGES,
    RECIPIENTS,
    OCTETS,
    CONNECTIONS
  }

  /// So much in a time.
  public record Rate(long amount, Duration per) {

    public Rate {
      if (amount <= 0 || per.isNegative() || per.isZero()) {
        throw new IllegalArgumentException("nothing could ever be sent");
      }
    }
  }

  /// What may be sent. A kind that is not there has no limit.
  ///
  /// @param account by each account
  /// @param network by each network of clients that have not logged in
  public record Limits(Map<Kind, Rate> account, Map<Kind, Rate> network) {

    public static final Limits NONE = new Limits(Map.of(), Map.of());

    public Limits {
      account = Map.copyOf(account);
      network = Map.copyOf(network);
    }
  }

  /// What kind of sender it is.
  public enum Scope {
    ACCOUNT,
    /// A program with its own password of an account.
    PROGRAM,
    /// Where clients are that have not logged in.
    NETWORK,
    /// Whoever comes to one of our addresses.
    LISTENER
  }

  /// Whose allowance it is.
  ///
  /// @param name address of an account, and what its password is named, or a network as
  ///   [ClientNetwork] writes it, or a listener
  public record Sender(Scope scope, String name) {

    /// The network of a client that has not logged in.
    public static Sender of(InetAddress client) {
      return new Sender(Scope.NETWORK, ClientNetwork.of(client).toString());
    }
  }

  /// What has been used of an allowance.
  public record Use(Sender sender, Kind kind, long used, Rate of) {}

  /// What was used of a kind at a moment.
  record Level(Sender sender, Kind kind, double used, Instant at) {}

  private static final int MOST = 100_000;

  private record Bucket(double used, Instant at) {

    private static final Bucket EMPTY = new Bucket(0, Instant.EPOCH);

    /// The same where the clock has been set back since: what was used is used now, and does not
    /// wait for the moment to come again.
    Bucket notAfter(Instant now) {
      return at.isAfter(now) ? new Bucket(used, now) : this;
    }

    double usedAt(Instant now, Rate rate) {
      double since = Math.max(0, Duration.between(at, now).toMillis());
      return Math.max(0, used - since * rate.amount() / rate.per().toMillis());
    }
  }

  private final InstantSource clock;
  private final Map<Sender, Map<Kind, Bucket>> buckets = new Remembered<>(MOST);
  private volatile Limits limits;

  public Allowances(Limits limits, InstantSource clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /// Changes the limits; what was used stays used.
  public void limits(Limits changed) {
    limits = changed;
  }

  private Map<Kind, Rate> rates(Scope scope) {
    return switch (scope) {
      case ACCOUNT -> limits.account();
      case NETWORK -> limits.network();
      case PROGRAM, LISTENER -> Map.of();
    };
  }

  /// Takes from an allowance. Who has used nothing may take more than there is, once: a message
  /// that is larger than the limit must not be refused for ever.
  ///
  /// @param own limits of this sender, which go before those of all
  /// @return empty when it was granted; else how long it takes until it would be
  public Optional<Duration> take(Sender sender, Kind kind, long amount, Map<Kind, Rate> own) {
    Rate rate = own.getOrDefault(kind, rates(sender.scope()).get(kind));
    return rate == null ? Optional.empty() : take(sender, kind, amount, rate);
  }

  private synchronized Optional<Duration> take(Sender sender, Kind kind, long amount, Rate rate) {
    Instant now = clock.instant();
    Map<Kind, Bucket> of =
        buckets.computeIfAbsent(sender, _ -> new EnumMap<Kind, Bucket>(Kind.class));
    of.computeIfPresent(kind, (_, bucket) -> bucket.notAfter(now));
    double used = of.getOrDefault(kind, Bucket.EMPTY).usedAt(now, rate);
    double excess = used + amount - rate.amount();
    if (used > 0 && excess > 0) {
      double wait = Math.min(excess, used) * rate.per().toMillis() / rate.amount();
      return Optional.of(Duration.ofMillis((long) Math.ceil(wait)));
    }
    of.put(kind, new Bucket(used + amount, now));
    return Optional.empty();
  }

  /// What a sender has used of each kind that has a limit.
  ///
  /// @param own limits of this sender, which go before those of all
  public synchronized List<Use> uses(Sender sender, Map<Kind, Rate> own) {
    Instant now = clock.instant();
    Map<Kind, Rate> rates = new EnumMap<>(Kind.class);
    rates.putAll(rates(sender.scope()));
    rates.putAll(own);
    Map<Kind, Bucket> of = buckets.getOrDefault(sender, Map.of());
    List<Use> uses = new ArrayList<>();
    rates.forEach(
        (kind, rate) ->
            uses.add(
                new Use(
                    sender,
                    kind,
                    (long) Math.ceil(of.getOrDefault(kind, Bucket.EMPTY).usedAt(now, rate)),
                    rate)));
    return uses;
  }

  /// All that is remembered, for the next start.
  synchronized List<Level> levels() {
    List<Level> levels = new ArrayList<>();
    buckets.forEach(
        (sender, of) ->
            of.forEach(
                (kind, bucket) -> levels.add(new Level(sender, kind, bucket.used(), bucket.at()))));
    return levels;
  }

  /// Takes over what was remembered before.
  synchronized void restore(List<Level> levels) {
    levels.forEach(
        level ->
            buckets
                .computeIfAbsent(level.sender(), _ -> new EnumMap<Kind, Bucket>(Kind.class))
                .put(level.kind(), new Bucket(level.used(), level.at())));
  }
}
