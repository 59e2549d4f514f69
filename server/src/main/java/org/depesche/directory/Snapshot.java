package org.depesche.directory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private final List<Account> accounts;
  private final String hostname;
  private final Resolution postmasterOfHost;

  /// @param accounts the first one with an address or alias has it
  /// @param hostname the server's own name
  Snapshot(List<LocalDomain> domains, List<Account> accounts, Domain hostname) {
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
      this.domains.put(DomainNames.ascii(domain.name()), place(domain));
    }
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
    return domains.containsKey(DomainNames.ascii(domain));
  }

  Resolution resolve(Mailbox address) {
    return address.host() instanceof Domain host
        ? resolve(MailboxNames.foldedLocal(address.localPart()), DomainNames.ascii(host))
        : FOREIGN;
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
  static List<String> conflicts(List<LocalDomain> domains, List<Account> accounts) {
    List<String> conflicts = new ArrayList<>(duplicates(accounts));
    Snapshot all = new Snapshot(domains, accounts, new Domain("localhost"));
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
