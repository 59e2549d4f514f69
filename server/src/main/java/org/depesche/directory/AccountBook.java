package org.depesche.directory;

import static org.depesche.directory.AccountRefusedException.Kind.CONFLICT;
import static org.depesche.directory.AccountRefusedException.Kind.UNKNOWN;
import static org.depesche.directory.AccountRefusedException.Kind.WRONG;

import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.depesche.directory.password.KeptPassword;
import org.depesche.directory.password.NewPassword;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.sasl.ScramHash;

/// Accounts as somebody edits them, by command or through the API. Those of the configuration can
/// be seen and not be changed; no edit makes what the server would refuse to start with.
public final class AccountBook {

  /// Application passwords of one account; each costs a digest with every login.
  private static final int MOST_APPLICATIONS = 100;

  private final Listed listed;
  private final boolean alone;
  private final AccountFile file;
  private final Runnable edited;
  private final List<ScramHash> hashes;
  private final InstantSource clock;
  private final RandomGenerator random;

  /// @param listed what the configuration says
  /// @param alone whether nothing else knows domains and accounts
  /// @param edited called after each edit
  /// @param hashes for which kinds of SCRAM something is kept of new passwords
  /// @param random a secure one
  public AccountBook(
      Listed listed,
      boolean alone,
      AccountFile file,
      Runnable edited,
      List<ScramHash> hashes,
      InstantSource clock,
      RandomGenerator random) {
    this.listed = listed;
    this.alone = alone;
    this.file = file;
    this.edited = edited;
    this.hashes = List.copyOf(hashes);
    this.clock = clock;
    this.random = random;
  }

  /// What is kept of a password, to be given to an account.
  public interface Protection {

    /// Who has no password cannot log in with one.
    Protection NO_PASSWORD = account -> account.withPassword(KeptPassword.NONE);

    /// The account with it.
    Account of(Account account);
  }

  /// A password that is hard to guess.
  public String newPassword() {
    return NewPassword.random(random);
  }

  /// What is kept of a password; making it costs some tens of milliseconds.
  public Protection protection(String password) {
    KeptPassword kept = KeptPassword.of(password, hashes, random);
    return account -> account.withPassword(kept);
  }

  /// A change of one account.
  public interface Change {

    /// The account behind it.
    ///
    /// @throws AccountRefusedException when it is not made
    Account of(Account before) throws AccountRefusedException;
  }

  /// An account, and where it stands.
  public record Entry(Account account, boolean isConfigured) {}

  /// All accounts, those of the configuration first.
  ///
  /// @throws IOException when the account file cannot be read
  public List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    listed.accounts().forEach(account -> entries.add(new Entry(account, true)));
    file.read().forEach(account -> entries.add(new Entry(account, false)));
    return entries;
  }

  /// The account that is named by this address.
  ///
  /// @throws IOException when the account file cannot be read
  public Optional<Entry> find(Mailbox address) throws IOException {
    return entries().stream().filter(e -> same(e.account().address(), address)).findFirst();
  }

  /// The account that is named by this address, if it can be changed here.
  ///
  /// @throws IOException when it cannot
  public Account changeable(Mailbox address) throws IOException {
    return changeable(address, file.read());
  }

  private Account changeable(Mailbox address, List<Account> made) throws AccountRefusedException {
    if (named(address, listed.accounts()).isPresent()) {
      throw new AccountRefusedException(
          CONFLICT, address + " stands in the configuration; change it there");
    }
    return named(address, made)
        .orElseThrow(() -> new AccountRefusedException(UNKNOWN, "there is no account " + address));
  }

  private static Optional<Account> named(Mailbox address, List<Account> accounts) {
    return accounts.stream().filter(account -> same(account.address(), address)).findFirst();
  }

  /// Whether an account could be added now.
  ///
  /// @throws IOException when it could not
  public void check(Account account) throws IOException {
    List<Account> made = file.read();
    refuseConflicts(made, withOneMore(made, account));
  }

  /// Adds an account.
  ///
  /// @throws IOException when it cannot be added; nothing has changed then
  public void add(Account account) throws IOException {
    edit(accounts -> withOneMore(accounts, account));
  }

  private List<Account> withOneMore(List<Account> accounts, Account account)
      throws AccountRefusedException {
    free(account.addresses(), accounts);
    List<Account> changed = new ArrayList<>(accounts);
    changed.add(account);
    return changed;
  }

  /// Changes an account.
  ///
  /// @throws IOException when it cannot be changed; nothing has changed then
  public void change(Mailbox address, Change change) throws IOException {
    edit(
        accounts -> {
          Account wanted = changeable(address, accounts);
          List<Account> changed = new ArrayList<>();
          for (Account each : accounts) {
            changed.add(each.equals(wanted) ? changed(each, change, accounts) : each);
          }
          return changed;
        });
  }

  private Account changed(Account before, Change change, List<Account> accounts)
      throws AccountRefusedException {
    Account after = change.of(before);
    List<Mailbox> more = new ArrayList<>(after.addresses());
    more.removeIf(each -> before.addresses().stream().anyMatch(had -> same(had, each)));
    free(more, accounts);
    return after;
  }

  /// Removes an account.
  ///
  /// @throws IOException when it cannot be removed; nothing has changed then
  public void remove(Mailbox address) throws IOException {
    edit(
        accounts -> {
          Account wanted = changeable(address, accounts);
          return accounts.stream().filter(each -> !each.equals(wanted)).toList();
        });
  }

  /// Makes a password for one program of an account.
  ///
  /// @return the password, which is kept nowhere
  /// @throws IOException when it cannot be made; nothing has changed then
  public String addApplication(Mailbox address, String name, SendingLimits limits)
      throws IOException {
    if (!ApplicationPassword.isName(name)) {
      throw new AccountRefusedException(
          WRONG, "a name is made of letters, digits, hyphens and dots");
    }
    String password = newPassword();
    ApplicationPassword made =
        ApplicationPassword.of(
            name, password, clock.instant().truncatedTo(ChronoUnit.SECONDS), limits);
    change(address, account -> withOneMore(account, made));
    return password;
  }

  private static Account withOneMore(Account account, ApplicationPassword made)
      throws AccountRefusedException {
    if (account.application(made.name()).isPresent()) {
      throw new AccountRefusedException(
          CONFLICT, account.address() + " has a password named " + made.name() + " already");
    }
    if (account.applications().size() >= MOST_APPLICATIONS) {
      throw new AccountRefusedException(
          CONFLICT, account.address() + " has " + MOST_APPLICATIONS + " of them; remove one first");
    }
    List<ApplicationPassword> all = new ArrayList<>(account.applications());
    all.add(made);
    return account.withApplications(all);
  }

  /// Takes the password of a program away.
  ///
  /// @throws IOException when it cannot be taken away; nothing has changed then
  public void removeApplication(Mailbox address, String name) throws IOException {
    change(
        address,
        account -> {
          if (account.application(name).isEmpty()) {
            throw new AccountRefusedException(
                UNKNOWN, account.address() + " has no password named " + name);
          }
          return account.withApplications(
              account.applications().stream().filter(each -> !each.name().equals(name)).toList());
        });
  }

  private void edit(AccountFile.Change change) throws IOException {
    file.edit(
        before -> {
          List<Account> after = change.of(before);
          refuseConflicts(before, after);
          return after;
        });
    edited.run();
  }

  /// What was wrong before is no reason to refuse an edit that may be about to mend it.
  private void refuseConflicts(List<Account> before, List<Account> after)
      throws AccountRefusedException {
    List<String> known = AccountDirectory.conflicts(listed, before, alone);
    List<String> made =
        AccountDirectory.conflicts(listed, after, alone).stream()
            .filter(conflict -> !known.contains(conflict))
            .toList();
    if (!made.isEmpty()) {
      throw new AccountRefusedException(CONFLICT, String.join("; ", made));
    }
  }

  /// Whether nobody has these addresses yet, and all are ours.
  private void free(List<Mailbox> addresses, List<Account> made) throws AccountRefusedException {
    List<Account> all = new ArrayList<>(listed.accounts());
    all.addAll(made);
    for (Mailbox address : addresses) {
      if (!isLocal(address)) {
        throw new AccountRefusedException(
            WRONG, address + " is in no [[domain]] of the configuration; add the domain first");
      }
      if (all.stream()
          .flatMap(account -> account.addresses().stream())
          .anyMatch(had -> same(had, address))) {
        throw new AccountRefusedException(CONFLICT, address + " is there already");
      }
    }
  }

  private boolean isLocal(Mailbox address) {
    return address.host() instanceof Domain domain
        && (!alone
            || listed.domains().stream()
                .anyMatch(d -> d.name().equals(domain) || d.aliases().contains(domain)));
  }

  private static boolean same(Mailbox a, Mailbox b) {
    return a.wire().equalsIgnoreCase(b.wire());
  }
}
