package org.depesche.directory;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.time.Ticker;

/// The directory of a single server: domains and accounts of the configuration, and accounts that
/// commands have made. A change of the account file is noticed within a second; a file with a
/// mistake changes nothing and is told.
public final class AccountDirectory implements Directory {

  private static final long LOOK_NANOS = 1_000_000_000;

  private final Domain hostname;
  private final AccountFile file;
  private final Ticker ticker;
  private final Consumer<String> trouble;
  private final AtomicLong lookedAt;
  private volatile State state;

  private record State(
      List<LocalDomain> domains,
      List<Account> configured,
      Optional<FileTime> fileTime,
      Snapshot snapshot) {}

  /// @param hostname the server's own name, whose postmaster is reachable whether it is a domain or
  ///   not
  /// @param trouble hears what is wrong with the file when it has changed to the worse
  /// @throws IOException when the file is wrong now
  public AccountDirectory(
      List<LocalDomain> domains,
      List<Account> configured,
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
    this.state = load(domains, configured);
  }

  private State load(List<LocalDomain> domains, List<Account> configured) throws IOException {
    Optional<FileTime> time = file.changed();
    List<Account> all = new ArrayList<>(configured);
    all.addAll(file.read());
    List<String> conflicts = Snapshot.conflicts(domains, all);
    if (!conflicts.isEmpty()) {
      throw new IOException(String.join("; ", conflicts));
    }
    return new State(domains, configured, time, new Snapshot(domains, all, hostname));
  }

  /// Takes other domains and accounts from the configuration.
  ///
  /// @throws IOException when they do not go together with the file; nothing has changed then
  public void configure(List<LocalDomain> domains, List<Account> configured) throws IOException {
    state = load(domains, configured);
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

  private Snapshot current() {
    long now = ticker.nanos();
    long last = lookedAt.get();
    if (now - last > LOOK_NANOS && lookedAt.compareAndSet(last, now)) {
      look();
    }
    return state.snapshot();
  }

  private void look() {
    State known = state;
    try {
      if (!file.changed().equals(known.fileTime())) {
        state = load(known.domains(), known.configured());
      }
    } catch (IOException e) {
      trouble.accept(String.valueOf(e.getMessage()));
    }
  }
}
