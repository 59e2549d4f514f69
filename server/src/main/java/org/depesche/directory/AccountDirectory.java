package org.depesche.directory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// The directory of a single server: domains and accounts of the configuration, and accounts that
/// commands have made. A change of the account file is noticed within a second; a file with a
/// mistake changes nothing and is told once, and so is a file that has gone: mail for its accounts
/// is not refused because somebody moved it.
public final class AccountDirectory implements Directory {

  private static final long LOOK_NANOS = 1_000_000_000;

  private final Domain hostname;
  private final AccountFile file;
  private final Ticker ticker;
  private final Consumer<String> trouble;
  private final AtomicLong lookedAt;

  /// Held by who makes a new state, so that none is made from what is no more.
  private final ReentrantLock changing = new ReentrantLock();

  /// What is wrong with the file and has been told; guarded by the lock.
  private String told = "";

  /// A version of the file that was refused and is not read again; guarded by the lock.
  private AccountFile.@Nullable Stamp refused;

  private volatile State state;

  private record State(
      List<LocalDomain> domains,
      List<Account> configured,
      List<Alias> aliases,
      Optional<AccountFile.Stamp> stamp,
      Snapshot snapshot) {}

  /// @param hostname the server's own name, whose postmaster is reachable whether it is a domain or
  ///   not
  /// @param trouble hears what is wrong with the file when it has changed to the worse
  /// @throws IOException when the file is wrong now
  public AccountDirectory(
      List<LocalDomain> domains,
      List<Account> configured,
      List<Alias> aliases,
      Domain hostname,
      AccountFile file,
      Ticker ticker,
      Consumer<String> trouble)
      throws IOException {
    this.hostname = hostname;
    this.file = file;
    this.ticker = ticker;
    this.trouble = trouble;
    this.lookedAt = new AtomicLong(ticker.nanos());
    this.state = load(domains, configured, aliases);
  }

  private State load(List<LocalDomain> domains, List<Account> configured, List<Alias> aliases)
      throws IOException {
    // The stamp is taken first: a change while the file is read is seen at the next look.
    Optional<AccountFile.Stamp> stamp = file.stamp();
    List<Account> all = new ArrayList<>(configured);
    all.addAll(file.read());
    List<String> conflicts = Snapshot.conflicts(domains, all, aliases);
    if (!conflicts.isEmpty()) {
      throw new IOException(String.join("; ", conflicts));
    }
    return new State(
        domains, configured, aliases, stamp, new Snapshot(domains, all, aliases, hostname));
  }

  /// Takes other domains, accounts and aliases from the configuration, and the account file as it
  /// is now.
  ///
  /// @throws IOException when they do not go together with the file; nothing has changed then
  public void configure(List<LocalDomain> domains, List<Account> configured, List<Alias> aliases)
      throws IOException {
    changing.lock();
    try {
      state = load(domains, configured, aliases);
      told = "";
    } finally {
      changing.unlock();
    }
  }

  /// All accounts, those of the configuration first.
  public List<Account> accounts() {
    return current().accounts();
  }

  @Override
  public boolean isLocal(Domain domain) {
    return current().isLocal(domain);
  }

  @Override
  public Resolution resolve(Mailbox address) {
    return current().resolve(address);
  }

  @Override
  public Mailbox canonical(Mailbox address) {
    return current().canonical(address);
  }

  @Override
  public Optional<Account> login(String name) {
    return current().login(name);
  }

  private Snapshot current() {
    long now = ticker.nanos();
    long last = lookedAt.get();
    if (now - last >= LOOK_NANOS && lookedAt.compareAndSet(last, now) && changing.tryLock()) {
      try {
        look();
      } finally {
        changing.unlock();
      }
    }
    return state.snapshot();
  }

  private void look() {
    State known = state;
    try {
      Optional<AccountFile.Stamp> stamp = file.stamp();
      if (stamp.isEmpty() && known.stamp().isPresent()) {
        tell("the account file has gone; its accounts stay until the next reload");
      } else if (stamp.equals(known.stamp())) {
        told = "";
      } else if (!stamp.equals(Optional.ofNullable(refused))) {
        refused = stamp.orElse(null);
        state = load(known.domains(), known.configured(), known.aliases());
        told = "";
      }
    } catch (IOException e) {
      tell(String.valueOf(e.getMessage()));
    }
  }

  private void tell(String problem) {
    if (!problem.equals(told)) {
      told = problem;
      trouble.accept(problem);
    }
  }
}
