package org.depesche.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Domains, accounts and aliases of configuration and account file, as they are at one moment.
final class Snapshot implements Source {

  private final Map<String, LocalDomain> domains = new LinkedHashMap<>();
  private final Map<String, Account> byAddress = new HashMap<>();
  private final Map<String, List<Mailbox>> aliases = new HashMap<>();
  private final List<Account> accounts;

  /// @param accounts the first one with an address or alias has it
  Snapshot(List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases) {
    for (LocalDomain domain : domains) {
      this.domains.put(DomainNames.ascii(domain.name()), domain);
      domain.aliases().forEach(name -> this.domains.put(DomainNames.ascii(name), domain));
    }
    this.accounts = accounts.stream().map(this::canonical).toList();
    this.accounts.forEach(account -> byAddress.putIfAbsent(key(account.address()), account));
    for (Account account : this.accounts) {
      account.aliases().forEach(alias -> byAddress.putIfAbsent(key(alias), account));
    }
    aliases.forEach(alias -> this.aliases.putIfAbsent(key(alias.address()), alias.to()));
  }

  @Override
  public Optional<LocalDomain> domain(String name) {
    return Optional.ofNullable(domains.get(name));
  }

  @Override
  public Optional<Account> account(String address) {
    return Optional.ofNullable(byAddress.get(address));
  }

  @Override
  public List<Mailbox> alias(String address) {
    return aliases.getOrDefault(address, List.of());
  }

  List<Account> accounts() {
    return accounts;
  }

  /// The domain where there is one only: names without one are meant there.
  Optional<String> onlyDomain() {
    List<String> names =
        domains.values().stream()
            .map(domain -> DomainNames.ascii(domain.name()))
            .distinct()
            .toList();
    return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
  }

  /// The domain's first account, else the first of all.
  Optional<Mailbox> somebody(String domain) {
    return accounts.stream()
        .map(Account::address)
        .filter(address -> key(address).endsWith("@" + domain))
        .findFirst()
        .or(() -> accounts.stream().map(Account::address).findFirst());
  }

  /// Whose mail `<postmaster>` of the server itself is: that of its first domain.
  Optional<Mailbox> postmasterOfHost() {
    return domains.values().stream()
        .findFirst()
        .map(domain -> new Mailbox("postmaster", domain.name()));
  }

  /// With all its addresses in the domain's own name.
  private Account canonical(Account account) {
    return account
        .withAddress(canonical(account.address()))
        .withAliases(account.aliases().stream().map(this::canonical).toList());
  }

  private Mailbox canonical(Mailbox address) {
    LocalDomain domain =
        address.host() instanceof Domain host ? domains.get(DomainNames.ascii(host)) : null;
    return domain == null || domain.aliases().isEmpty()
        ? address
        : new Mailbox(address.localPart(), domain.name());
  }

  /// An address as it is looked up.
  private String key(Mailbox address) {
    return MailboxNames.folded(canonical(address));
  }

  /// What is wrong with addresses when they are put beside each other and into domains: given
  /// twice, outside our domains, leading to nobody.
  ///
  /// @param alone whether nothing else knows domains and accounts
  List<String> conflicts(List<Alias> given, boolean alone) {
    List<String> conflicts = new ArrayList<>();
    Map<String, Mailbox> owners = new HashMap<>();
    for (Account account : accounts) {
      conflicts.addAll(duplicates(owners, account, this::key));
    }
    Set<String> names = new HashSet<>(owners.keySet());
    for (Alias alias : given) {
      if (!names.add(key(alias.address()))) {
        conflicts.add(alias.address() + " is given twice");
      }
    }
    if (alone) {
      conflicts.addAll(strays(given));
    }
    return conflicts;
  }

  private List<String> strays(List<Alias> given) {
    List<String> strays = new ArrayList<>();
    List<Mailbox> own = new ArrayList<>();
    accounts.forEach(account -> own.addAll(account.addresses()));
    given.forEach(alias -> own.add(alias.address()));
    for (Mailbox address : own) {
      if (!isLocal(address)) {
        strays.add(address + " is in no [[domain]] of the configuration");
      }
    }
    Resolver resolver =
        new Resolver(List.of(this), "", _ -> Optional.empty(), Optional.empty(), Rewritten.NONE);
    for (Alias alias : given) {
      for (Mailbox target : alias.to()) {
        if (resolver.resolve(target) instanceof Resolution.Unknown) {
          strays.add("nobody is named " + target + ", which " + alias.address() + " leads to");
        }
      }
    }
    for (LocalDomain domain : Set.copyOf(domains.values())) {
      domain
          .catchAll()
          .filter(
              target -> !byAddress.containsKey(key(target)) && !aliases.containsKey(key(target)))
          .ifPresent(
              target ->
                  strays.add("nobody is named " + target + ", the catch-all of " + domain.name()));
    }
    return strays;
  }

  private boolean isLocal(Mailbox address) {
    return address.host() instanceof Domain host && domains.containsKey(DomainNames.ascii(host));
  }

  /// Addresses that are there twice, in words.
  static List<String> duplicates(List<Account> accounts) {
    List<String> duplicates = new ArrayList<>();
    Map<String, Mailbox> owners = new HashMap<>();
    accounts.forEach(
        account -> duplicates.addAll(duplicates(owners, account, MailboxNames::folded)));
    return duplicates;
  }

  private static List<String> duplicates(
      Map<String, Mailbox> owners, Account account, Function<Mailbox, String> form) {
    List<String> duplicates = new ArrayList<>();
    for (Mailbox address : account.addresses()) {
      String key = form.apply(address);
      if (owners.containsKey(key)) {
        duplicates.add(
            address + " belongs to " + Objects.requireNonNull(owners.get(key)) + " already");
      } else {
        owners.put(key, account.address());
      }
    }
    return duplicates;
  }
}
