package org.depesche.directory;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Finds what addresses lead to, by look-ups in one or several sources; the first that knows a name
/// counts.
///
/// @param sources asked in this order
/// @param hostname the server's own name, as an A-label
/// @param postmaster who is postmaster of a domain that names none
/// @param postmasterOfHost who is postmaster of the server where its name is no domain of ours
/// @param rewritten knows the senders of forwarded mail
record Resolver(
    List<Source> sources,
    String hostname,
    Postmaster postmaster,
    Optional<Mailbox> postmasterOfHost,
    Rewritten rewritten)
    implements Directory {

  private static final String POSTMASTER = "postmaster";
  private static final String AWAY = "a directory does not answer";
  private static final Resolution UNKNOWN = new Resolution.Unknown();
  private static final Resolution FOREIGN = new Resolution.Foreign();

  /// Addresses one alias may lead to, those on the way among them.
  private static final int MAX_MEMBERS = 10_000;

  /// Somebody who looks after a domain.
  interface Postmaster {

    /// An address; empty where there is nobody at all.
    Optional<Mailbox> of(String domain);
  }

  /// What has been gathered on the way.
  ///
  /// @param seen aliases and accounts on the way here: one that leads back adds nothing
  private record Gathered(
      Set<String> seen, Set<Mailbox> accounts, Set<Mailbox> elsewhere, Set<Mailbox> disabled) {

    Gathered() {
      this(new HashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
    }

    Resolution answer() {
      if (!accounts.isEmpty() || !elsewhere.isEmpty()) {
        return new Resolution.Found(List.copyOf(accounts), List.copyOf(elsewhere));
      }
      return disabled.isEmpty() ? UNKNOWN : new Resolution.Disabled(disabled.iterator().next());
    }
  }

  /// Whether an address was found to be something of ours, and of what kind.
  private enum Step {
    TAKEN,
    NOBODY,
    NOT_OURS
  }

  private boolean isAway() {
    return sources.stream().anyMatch(Source::isAway);
  }

  @Override
  public boolean isAway(Account account) {
    try {
      String address = MailboxNames.folded(canonical(account.address()));
      for (Source source : sources) {
        if (source.account(address).isPresent()) {
          return source.isAway();
        }
      }
      return false;
    } catch (UnavailableException _) {
      return true;
    }
  }

  @Override
  public boolean isLocal(Domain domain) throws UnavailableException {
    return domain(DomainNames.ascii(domain)).isPresent();
  }

  @Override
  public Mailbox canonical(Mailbox address) throws UnavailableException {
    if (address.host() instanceof Domain host) {
      Optional<LocalDomain> domain = domain(DomainNames.ascii(host));
      if (domain.isPresent() && !main(domain.get()).equals(DomainNames.ascii(host))) {
        return new Mailbox(address.localPart(), new Domain(main(domain.get())));
      }
    }
    return address;
  }

  @Override
  public Resolution resolve(Mailbox address) {
    Gathered gathered = new Gathered();
    try {
      Resolution found =
          switch (step(address, gathered)) {
            case TAKEN -> gathered.answer();
            case NOBODY -> UNKNOWN;
            case NOT_OURS -> FOREIGN;
          };
      // Who is not remembered may be there all the same.
      return found.equals(UNKNOWN) && isAway() ? new Resolution.Unavailable(AWAY) : found;
    } catch (UnavailableException e) {
      return new Resolution.Unavailable(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Optional<Account> login(String name) throws UnavailableException {
    Optional<Mailbox> address = AddressParser.parseMailbox(name, true);
    if (address.isPresent()) {
      String key = MailboxNames.folded(canonical(address.get()));
      for (Source source : sources) {
        Optional<Account> account = source.login(key);
        if (account.isPresent()) {
          return account;
        }
      }
      if (isAway()) {
        throw new UnavailableException(AWAY);
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Account> account(Mailbox address) throws UnavailableException {
    return account(MailboxNames.folded(canonical(address)));
  }

  @Override
  public Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    String address = MailboxNames.folded(canonical(account.address()));
    for (Source source : sources) {
      // Whoever knows the account answers, and nobody else.
      if (source.account(address).isPresent()) {
        return source.matches(account, password);
      }
    }
    return Optional.empty();
  }

  private Optional<LocalDomain> domain(String ascii) throws UnavailableException {
    for (Source source : sources) {
      Optional<LocalDomain> domain = source.domain(ascii);
      if (domain.isPresent()) {
        return domain;
      }
    }
    return Optional.empty();
  }

  private Optional<Account> account(String address) throws UnavailableException {
    for (Source source : sources) {
      Optional<Account> account = source.account(address);
      if (account.isPresent()) {
        return account;
      }
    }
    return Optional.empty();
  }

  private List<Mailbox> alias(String address) throws UnavailableException {
    for (Source source : sources) {
      List<Mailbox> alias = source.alias(address);
      if (!alias.isEmpty()) {
        return alias;
      }
    }
    return List.of();
  }

  private static String main(LocalDomain domain) {
    return DomainNames.ascii(domain.name());
  }

  private Step step(Mailbox address, Gathered gathered) throws UnavailableException {
    if (!(address.host() instanceof Domain host)) {
      return Step.NOT_OURS;
    }
    String local = MailboxNames.foldedLocal(address.localPart());
    String ascii = DomainNames.ascii(host);
    Optional<LocalDomain> domain = domain(ascii);
    if (domain.isPresent()) {
      Optional<Mailbox> sender = rewritten.back(address.localPart());
      if (sender.isPresent() && gathered.seen().add("sender " + sender.get())) {
        addAll(List.of(sender.get()), gathered);
        return Step.TAKEN;
      }
      return step(local, domain.get(), gathered);
    }
    // `<postmaster>` without a domain is meant for this host (RFC 5321 §4.1.1.3).
    return ascii.equals(hostname) && local.equals(POSTMASTER) && postmasterOfHost.isPresent()
        ? step(postmasterOfHost.get(), gathered)
        : Step.NOT_OURS;
  }

  private Step step(String local, LocalDomain domain, Gathered gathered)
      throws UnavailableException {
    if (exact(local, domain, gathered)) {
      return Step.TAKEN;
    }
    String separator = MailboxNames.foldedLocal(domain.separator());
    int at = separator.isEmpty() ? -1 : local.indexOf(separator);
    if (at > 0 && exact(local.substring(0, at), domain, gathered)) {
      return Step.TAKEN;
    }
    return rest(domain, gathered) ? Step.TAKEN : Step.NOBODY;
  }

  /// An address as it is written.
  private boolean exact(String local, LocalDomain domain, Gathered gathered)
      throws UnavailableException {
    String address = local + "@" + main(domain);
    boolean again = !gathered.seen().add(address);
    if (gathered.seen().size() > MAX_MEMBERS) {
      throw UnavailableException.ofEntry(
          address + " is one of more than " + MAX_MEMBERS + " members");
    }
    // One source after the other, so that who is kept in the first does not depend on the next.
    for (Source source : sources) {
      // An alias that names itself means the account of that name.
      List<Mailbox> members = again ? List.of() : source.alias(address);
      if (!members.isEmpty()) {
        addAll(members, gathered);
        return true;
      }
      Optional<Account> account = source.account(address);
      if (account.isPresent()) {
        add(account.get(), gathered);
        return true;
      }
    }
    return again || local.equals(POSTMASTER) && postmaster(domain, gathered);
  }

  private void addAll(List<Mailbox> members, Gathered gathered) throws UnavailableException {
    for (Mailbox member : members) {
      if (step(member, gathered) == Step.NOT_OURS) {
        gathered.elsewhere().add(member);
      }
    }
  }

  private void add(Account account, Gathered gathered) throws UnavailableException {
    if (account.isDisabled()) {
      gathered.disabled().add(account.address());
      return;
    }
    Forwarding forwarding = account.forwarding();
    boolean forwards = !forwarding.to().isEmpty();
    if (!forwards || forwarding.keepsCopy()) {
      gathered.accounts().add(account.address());
    }
    // Two that forward to each other end where they began.
    if (forwards && gathered.seen().add("forwards " + account.address())) {
      addAll(forwarding.to(), gathered);
    } else if (forwards) {
      gathered.accounts().add(account.address());
    }
  }

  /// RFC 5321 §4.5.1: postmaster of a domain is always reachable. Without an account or alias of
  /// that name it is whoever catches all, else somebody who is there.
  private boolean postmaster(LocalDomain domain, Gathered gathered) throws UnavailableException {
    if (rest(domain, gathered)
        && !(gathered.accounts().isEmpty() && gathered.elsewhere().isEmpty())) {
      return true;
    }
    Optional<Mailbox> somebody = postmaster.of(main(domain));
    if (somebody.isPresent()) {
      addAll(List.of(somebody.get()), gathered);
    }
    return somebody.isPresent();
  }

  /// Who gets mail to addresses nobody has.
  private boolean rest(LocalDomain domain, Gathered gathered) throws UnavailableException {
    List<Mailbox> targets =
        domain.catchAll().isPresent()
            ? List.of(domain.catchAll().get())
            : alias("@" + main(domain));
    // What catches all does not catch itself.
    if (targets.isEmpty() || !gathered.seen().add("@" + main(domain))) {
      return false;
    }
    addAll(targets, gathered);
    return true;
  }
}
