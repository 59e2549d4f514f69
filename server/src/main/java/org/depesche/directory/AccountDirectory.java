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

/// The directory of a server: domains and accounts of the configuration, accounts that commands
/// have made, and what other sources know beside them. A change of the account file is noticed
/// within a second; a file with a mistake changes nothing and is told once, and so is a file that
/// has gone: mail for its accounts is not refused because somebody moved it.
public final class AccountDirectory implements Directory {

  private static final long LOOK_NANOS = 1_000_000_000;

  private final Domain hostname;
  private final AccountFile file;
  private final Rewritten rewritten;
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
      Listed listed, Optional<AccountFile.Stamp> stamp, Snapshot snapshot, Resolver resolver) {}

  /// @param hostname the server's own name, whose postmaster is reachable whether it is a domain or
  ///   not
  /// @param rewritten knows the senders of forwarded mail
  /// @param trouble hears what is wrong with the file when it has changed to the worse
  /// @throws IOException when the file is wrong now
  public AccountDirectory(
      Listed listed,
      Domain hostname,
      AccountFile file,
      Rewritten rewritten,
      Ticker ticker,
      Consumer<String> trouble)
      throws IOException {
    this.hostname = hostname;
    this.file = file;
    this.rewritten = rewritten;
    this.ticker = ticker;
    this.trouble = trouble;
    this.lookedAt = new AtomicLong(ticker.nanos());
    this.state = load(listed);
  }

  private State load(Listed listed) throws IOException {
    // The stamp is taken first: a change while the file is read is seen at the next look.
    Optional<AccountFile.Stamp> stamp = file.stamp();
    List<Account> all = new ArrayList<>(listed.accounts());
    all.addAll(file.read());
    Snapshot snapshot = new Snapshot(listed.domains(), all, listed.aliases());
    List<String> conflicts = snapshot.conflicts(listed.aliases(), listed.others().isEmpty());
    if (!conflicts.isEmpty()) {
      throw new IOException(String.join("; ", conflicts));
    }
    List<Source> sources = new ArrayList<>(listed.others());
    sources.addFirst(snapshot);
    Resolver resolver =
        new Resolver(
            List.copyOf(sources),
            DomainNames.ascii(hostname),
            domain -> listed.postmaster().or(() -> snapshot.somebody(domain)),
            listed.postmaster().or(snapshot::postmasterOfHost),
            rewritten);
    return new State(listed, stamp, snapshot, resolver);
  }

  /// Takes other domains, accounts and aliases from the configuration, and the account file as it
  /// is now.
  ///
  /// @throws IOException when they do not go together with the file; nothing has changed then
  public void configure(Listed listed) throws IOException {
    changing.lock();
    try {
      state = load(listed);
      told = "";
    } finally {
      changing.unlock();
    }
  }

  /// What would be wrong with these accounts in the file, beside what the configuration says.
  ///
  /// @param alone whether nothing else knows domains and accounts
  public static List<String> conflicts(Listed listed, List<Account> made, boolean alone) {
    List<Account> all = new ArrayList<>(listed.accounts());
    all.addAll(made);
    return new Snapshot(listed.domains(), all, listed.aliases()).conflicts(listed.aliases(), alone);
  }

  /// The accounts of configuration and file, those of the configuration first.
  public List<Account> accounts() {
    return current().snapshot().accounts();
  }

  @Override
  public boolean isImmediate() {
    return current().listed().others().isEmpty();
  }

  @Override
  public boolean isAway(Account account) {
    return current().resolver().isAway(account);
  }

  @Override
  public boolean isLocal(Domain domain) throws UnavailableException {
    return current().resolver().isLocal(domain);
  }

  @Override
  public Resolution resolve(Mailbox address) {
    return current().resolver().resolve(address);
  }

  @Override
  public Mailbox canonical(Mailbox address) throws UnavailableException {
    return current().resolver().canonical(address);
  }

  @Override
  public Optional<Account> account(Mailbox address) throws UnavailableException {
    return current().resolver().account(address);
  }

  @Override
  public Optional<Account> login(String name) throws UnavailableException {
    State now = current();
    String completed =
        name.contains("@")
            ? name
            : now.snapshot().onlyDomain().map(domain -> name + "@" + domain).orElse(name);
    return now.resolver().login(completed);
  }

  @Override
  public Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    return current().resolver().matches(account, password);
  }

  /// Somebody has edited the file: the next look-up sees it.
  public void lookAgain() {
    changing.lock();
    try {
      look();
    } finally {
      changing.unlock();
    }
  }

  private State current() {
    long now = ticker.nanos();
    long last = lookedAt.get();
    if (now - last >= LOOK_NANOS && lookedAt.compareAndSet(last, now) && changing.tryLock()) {
      try {
        look();
      } finally {
        changing.unlock();
      }
    }
    return state;
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
        state = load(known.listed());
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
