package org.depesche.limits;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Makes guessing passwords expensive: failures are counted for each client network and for each
/// account, whether it exists or not. They cost the client time first, then a lock.
///
/// The lock of an account leaves out the networks that have logged in to it lately, so that a
/// stranger cannot keep an owner out. The same wrong password again, which is what a device with an
/// old one sends, counts once.
///
/// Memory is bounded: of more networks or accounts than fit, those that were quiet longest are
/// forgotten. Safe for use by many threads.
public final class LoginGuard {

  /// How much is borne.
  ///
  /// @param networkFailures failures of a network before it is locked; 0 for no limit
  /// @param accountFailures failures at an account before strangers to it are; 0 for no limit
  /// @param lock how long a lock lasts, and how long a failure is remembered
  /// @param exempt clients that nothing is counted of
  public record Settings(
      int networkFailures, int accountFailures, Duration lock, Predicate<InetAddress> exempt) {}

  /// A lock.
  ///
  /// @param key `192.0.2.1`, `2001:db8::/64` or the name of an account
  /// @param failures how many there were
  public record Lock(String key, int failures, Instant until) {}

  /// Networks, and accounts, remembered.
  private static final int MOST = 100_000;

  /// Failures that cost no time.
  private static final int FREE = 2;

  private static final Duration LONGEST_DELAY = Duration.ofSeconds(15);
  private static final Duration ACQUAINTANCE = Duration.ofDays(30);

  /// What is known of a network or an account.
  private static final class Tally {
    private int failures;
    private Instant last = Instant.MIN;
    private Instant lockedUntil = Instant.MIN;
    private byte[] password = {};
  }

  private final InstantSource clock;
  private final byte[] secret;
  private final Map<ClientNetwork, Tally> networks = new Remembered<>(MOST);
  private final Map<String, Tally> accounts = new Remembered<>(MOST);
  private final Map<String, Instant> acquaintances = new Remembered<>(MOST);
  private Settings settings;

  /// @param secret hides the wrong passwords that are compared with each other
  public LoginGuard(Settings settings, InstantSource clock, byte[] secret) {
    this.settings = settings;
    this.clock = clock;
    this.secret = secret.clone();
  }

  /// Changes what is borne from now on.
  public synchronized void settings(Settings changed) {
    settings = changed;
  }

  /// Whether somebody may try; else the lock that holds.
  public synchronized Optional<Lock> before(InetAddress client, String account) {
    if (settings.exempt().test(client)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    ClientNetwork network = ClientNetwork.of(client);
    Optional<Lock> ofNetwork =
        Optional.ofNullable(networks.get(network)).flatMap(r -> lock(network.toString(), r, now));
    if (ofNetwork.isPresent()) {
      return ofNetwork;
    }
    String name = folded(account);
    return Optional.ofNullable(accounts.get(name))
        .flatMap(r -> lock(name, r, now))
        .filter(_ -> !knowsEachOther(name, network, now));
  }

  private static Optional<Lock> lock(String key, Tally of, Instant now) {
    return of.lockedUntil.isAfter(now)
        ? Optional.of(new Lock(key, of.failures, of.lockedUntil))
        : Optional.empty();
  }

  private boolean knowsEachOther(String account, ClientNetwork network, Instant now) {
    Instant met = acquaintances.get(account + ' ' + network);
    return met != null && met.plus(ACQUAINTANCE).isAfter(now);
  }

  /// Somebody gave the wrong answer.
  ///
  /// @param account whom it was given for; empty when it is not known
  /// @param password what was given; empty when it is not known
  /// @return how long the client should wait for its answer
  public synchronized Duration failed(InetAddress client, String account, byte[] password) {
    if (settings.exempt().test(client)) {
      return Duration.ZERO;
    }
    Instant now = clock.instant();
    String name = folded(account);
    byte[] given = password.length == 0 ? password : hidden(name, password);
    Tally network = networks.computeIfAbsent(ClientNetwork.of(client), _ -> new Tally());
    boolean again = given.length > 0 && Arrays.equals(given, network.password);
    network.password = given;
    if (!again || isForgotten(network, now)) {
      count(network, settings.networkFailures(), now);
      // A token that is no good names nobody.
      if (!name.isEmpty()) {
        count(accounts.computeIfAbsent(name, _ -> new Tally()), settings.accountFailures(), now);
      }
    }
    return delay(network.failures);
  }

  private void count(Tally of, int most, Instant now) {
    of.failures = isForgotten(of, now) ? 1 : of.failures + 1;
    of.last = now;
    if (most > 0 && of.failures >= most) {
      of.lockedUntil = now.plus(settings.lock());
    }
  }

  private boolean isForgotten(Tally of, Instant now) {
    return of.failures == 0 || !of.last.plus(settings.lock()).isAfter(now);
  }

  private static Duration delay(int failures) {
    int costly = failures - FREE;
    return costly <= 0
        ? Duration.ZERO
        : Duration.ofSeconds(Math.min(LONGEST_DELAY.toSeconds(), 1L << Math.min(costly - 1, 10)));
  }

  /// Somebody has logged in.
  public synchronized void succeeded(InetAddress client, String account) {
    ClientNetwork network = ClientNetwork.of(client);
    networks.remove(network);
    acquaintances.put(folded(account) + ' ' + network, clock.instant());
  }

  /// The locks that hold now, the longest first.
  public synchronized List<Lock> locks() {
    Instant now = clock.instant();
    List<Lock> locks = new ArrayList<>();
    networks.forEach((network, r) -> lock(network.toString(), r, now).ifPresent(locks::add));
    accounts.forEach((name, r) -> lock(name, r, now).ifPresent(locks::add));
    locks.sort(Comparator.comparing(Lock::until).reversed());
    return locks;
  }

  /// Ends a lock and forgets its failures.
  ///
  /// @param key as `locks` names it
  /// @return false when nothing is known of it
  public synchronized boolean clear(String key) {
    boolean network = networks.keySet().removeIf(n -> n.toString().equals(key));
    return accounts.remove(folded(key)) != null || network;
  }

  /// How many networks and accounts are remembered.
  synchronized int remembered() {
    return networks.size() + accounts.size();
  }

  private byte[] hidden(String account, byte[] password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((account + ' ').getBytes(UTF_8));
      return mac.doFinal(password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static String folded(String account) {
    return account.toLowerCase(Locale.ROOT);
  }
}
