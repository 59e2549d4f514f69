package org.depesche.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Domains and accounts as they are at one moment. Addresses are compared as [MailboxNames] has it;
/// all answers are made beforehand.
final class Snapshot {

  private static final String POSTMASTER = "postmaster";
  private static final Resolution UNKNOWN = new Resolution.Unknown();
  private static final Resolution FOREIGN = new Resolution.Foreign();

  /// A domain with its answers.
  ///
  /// @param separator in folded form
  /// @param rest who gets mail to addresses nobody has
  private record Place(String separator, Resolution postmaster, Resolution rest) {}

  private final Map<String, Place> domains = new LinkedHashMap<>();
  private final Map<String, Resolution> addresses = new HashMap<>();
  private final Map<String, Account> byAddress = new HashMap<>();
  private final Map<String, String> otherNames = new HashMap<>();
  private final List<Account> accounts;
  private final String hostname;
  private final Resolution postmasterOfHost;

  /// @param accounts the first one with an address or alias has it
  /// @param hostname the server's own name
  Snapshot(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases, Domain hostname) {
    this.hostname = DomainNames.ascii(hostname);
    this.accounts = List.copyOf(accounts);
    for (Account account : accounts) {
      addresses.putIfAbsent(MailboxNames.folded(account.address()), found(account));
      byAddress.putIfAbsent(MailboxNames.folded(account.address()), account);
    }
    for (Account account : accounts) {
      for (Mailbox alias : account.aliases()) {
        addresses.putIfAbsent(MailboxNames.folded(alias), found(account));
      }
    }
    for (LocalDomain domain : domains) {
      String ascii = DomainNames.ascii(domain.name());
      domain.aliases().forEach(name -> otherNames.put(DomainNames.ascii(name), ascii));
    }
    for (LocalDomain domain : domains) {
      this.domains.put(DomainNames.ascii(domain.name()), place(domain));
    }
    addresses.putAll(expanded(aliases));
    // Once more, for what catches all may be an alias.
    domains.forEach(domain -> this.domains.put(DomainNames.ascii(domain.name()), place(domain)));
    this.postmasterOfHost =
        this.domains.keySet().stream()
            .map(ascii -> resolve(POSTMASTER, ascii))
            .filter(Resolution.Found.class::isInstance)
            .findFirst()
            .orElse(FOREIGN);
  }

  private Place place(LocalDomain domain) {
    Resolution rest =
        domain
            .catchAll()
            .map(target -> addresses.getOrDefault(MailboxNames.folded(target), UNKNOWN))
            .orElse(UNKNOWN);
    return new Place(
        MailboxNames.foldedLocal(domain.separator()),
        rest instanceof Resolution.Found ? rest : postmaster(DomainNames.ascii(domain.name())),
        rest);
  }

  /// RFC 5321 §4.5.1: postmaster of a domain is always reachable. Without an account or alias of
  /// that name it is whoever catches all, else the domain's first account, else the first of all.
  private Resolution postmaster(String ascii) {
    return accounts.stream()
        .filter(a -> a.address().host() instanceof Domain d && DomainNames.ascii(d).equals(ascii))
        .findFirst()
        .or(() -> accounts.stream().findFirst())
        .map(Snapshot::found)
        .orElse(UNKNOWN);
  }

  private static Resolution found(Account account) {
    return new Resolution.Found(List.of(account.address()));
  }

  Optional<Account> login(String name) {
    String address =
        name.contains("@") || domains.size() != 1
            ? name
            : name + "@" + domains.keySet().iterator().next();
    return AddressParser.parseMailbox(address, true).map(MailboxNames::folded).map(byAddress::get);
  }

  List<Account> accounts() {
    return accounts;
  }

  boolean isLocal(Domain domain) {
    return domains.containsKey(mainName(domain));
  }

  private String mainName(Domain domain) {
    String ascii = DomainNames.ascii(domain);
    return otherNames.getOrDefault(ascii, ascii);
  }

  Mailbox canonical(Mailbox address) {
    return address.host() instanceof Domain host && otherNames.containsKey(DomainNames.ascii(host))
        ? new Mailbox(address.localPart(), new Domain(mainName(host)))
        : address;
  }

  Resolution resolve(Mailbox address) {
    return address.host() instanceof Domain host
        ? resolve(MailboxNames.foldedLocal(address.localPart()), mainName(host))
        : FOREIGN;
  }

  /// What aliases stand for in the end.
  private Map<String, Resolution> expanded(List<Alias> aliases) {
    Map<String, Alias> byAddress = new LinkedHashMap<>();
    aliases.forEach(alias -> byAddress.putIfAbsent(key(alias.address()), alias));
    Map<String, Resolution> expanded = new HashMap<>();
    for (Alias alias : byAddress.values()) {
      Set<Mailbox> found = new LinkedHashSet<>();
      Set<Mailbox> elsewhere = new LinkedHashSet<>();
      expand(alias, byAddress, new HashSet<>(), found, elsewhere);
      expanded.put(
          key(alias.address()),
          found.isEmpty() && elsewhere.isEmpty()
              ? UNKNOWN
              : new Resolution.Found(List.copyOf(found), List.copyOf(elsewhere)));
    }
    return expanded;
  }

  /// @param on the aliases on the way here: one that leads back to itself adds nothing
  private void expand(
      Alias alias,
      Map<String, Alias> all,
      Set<String> on,
      Set<Mailbox> found,
      Set<Mailbox> elsewhere) {
    if (!on.add(key(alias.address()))) {
      return;
    }
    for (Mailbox target : alias.to()) {
      Alias next = all.get(key(target));
      if (next != null) {
        expand(next, all, on, found, elsewhere);
        continue;
      }
      switch (resolve(target)) {
        case Resolution.Found(var accounts, _) -> found.addAll(accounts);
        case Resolution.Foreign _ -> elsewhere.add(target);
        case Resolution.Unknown _, Resolution.Unavailable _ -> {}
      }
    }
  }

  private String key(Mailbox address) {
    return MailboxNames.folded(canonical(address));
  }

  private Resolution resolve(String local, String ascii) {
    Place domain = domains.get(ascii);
    if (domain == null) {
      // `<postmaster>` without a domain is meant for this host (RFC 5321 §4.1.1.3).
      return ascii.equals(hostname) && local.equals(POSTMASTER) ? postmasterOfHost : FOREIGN;
    }
    Resolution exact = addresses.get(local + "@" + ascii);
    if (exact != null) {
      return exact;
    }
    if (local.equals(POSTMASTER)) {
      return domain.postmaster();
    }
    return withoutSubaddress(local, ascii, domain).orElse(domain.rest());
  }

  private Optional<Resolution> withoutSubaddress(String local, String ascii, Place domain) {
    String separator = domain.separator();
    int at = separator.isEmpty() ? -1 : local.indexOf(separator);
    if (at <= 0) {
      return Optional.empty();
    }
    String user = local.substring(0, at);
    Resolution named = addresses.get(user + "@" + ascii);
    return named == null && user.equals(POSTMASTER)
        ? Optional.of(domain.postmaster())
        : Optional.ofNullable(named);
  }

  /// What is wrong with accounts when they are put beside each other and into domains: addresses
  /// given twice or outside our domains, and a catch-all that is nobody's.
  static List<String> conflicts(
      List<LocalDomain> domains, List<Account> accounts, List<Alias> aliases) {
    List<String> conflicts = new ArrayList<>(duplicates(accounts));
    Snapshot all = new Snapshot(domains, accounts, aliases, new Domain("localhost"));
    conflicts.addAll(all.conflicts(aliases));
    for (Account account : accounts) {
      for (Mailbox address : account.addresses()) {
        if (!(address.host() instanceof Domain domain) || !all.isLocal(domain)) {
          conflicts.add(address + " is in no [[domain]] of the configuration");
        }
      }
    }
    for (LocalDomain domain : domains) {
      domain
          .catchAll()
          .filter(target -> !all.addresses.containsKey(MailboxNames.folded(target)))
          .ifPresent(
              target ->
                  conflicts.add(
                      "nobody is named " + target + ", the catch-all of " + domain.name()));
    }
    return conflicts;
  }

  /// Aliases that are accounts too, and those that lead to nobody.
  private List<String> conflicts(List<Alias> aliases) {
    List<String> conflicts = new ArrayList<>();
    Set<String> own = new HashSet<>();
    accounts.forEach(a -> a.addresses().forEach(address -> own.add(key(address))));
    for (Alias alias : aliases) {
      if (!(alias.address().host() instanceof Domain domain) || !isLocal(domain)) {
        conflicts.add(alias.address() + " is in no [[domain]] of the configuration");
      }
      if (!own.add(key(alias.address()))) {
        conflicts.add(alias.address() + " is given twice");
      }
      for (Mailbox target : alias.to()) {
        if (resolve(target) instanceof Resolution.Unknown) {
          conflicts.add("nobody is named " + target + ", which " + alias.address() + " leads to");
        }
      }
    }
    return conflicts;
  }

  /// Addresses that are there twice, in words.
  static List<String> duplicates(List<Account> accounts) {
    List<String> duplicates = new ArrayList<>();
    Map<String, Mailbox> owners = new HashMap<>();
    for (Account account : accounts) {
      for (Mailbox address : account.addresses()) {
        String key = MailboxNames.folded(address);
        if (owners.containsKey(key)) {
          duplicates.add(
              address + " belongs to " + Objects.requireNonNull(owners.get(key)) + " already");
        } else {
          owners.put(key, account.address());
        }
      }
    }
    return duplicates;
  }
}
