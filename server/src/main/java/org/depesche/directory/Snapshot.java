package org.depesche.directory;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;

/// Domains and accounts as they are at one moment. Local parts are compared without case, as their
/// owners expect (RFC 5321 §2.4 leaves that to us), and in Unicode's composed form.
final class Snapshot {

  private static final String POSTMASTER = "postmaster";
  private static final Resolution UNKNOWN = new Resolution.Unknown();
  private static final Resolution FOREIGN = new Resolution.Foreign();

  private final Map<String, LocalDomain> domains = new HashMap<>();
  private final Map<String, Resolution> addresses = new HashMap<>();
  private final List<Account> accounts;
  private final String hostname;

  /// @param accounts the first one with an address or alias has it
  /// @param hostname the server's own name
  Snapshot(List<LocalDomain> domains, List<Account> accounts, Domain hostname) {
    this.hostname = DomainNames.ascii(hostname);
    this.accounts = List.copyOf(accounts);
    for (LocalDomain domain : domains) {
      this.domains.put(DomainNames.ascii(domain.name()), domain);
    }
    for (Account account : accounts) {
      addresses.putIfAbsent(key(account.address()), found(account));
    }
    for (Account account : accounts) {
      for (Mailbox alias : account.aliases()) {
        addresses.putIfAbsent(key(alias), found(account));
      }
    }
  }

  private static Resolution found(Account account) {
    return new Resolution.Found(List.of(account.address()));
  }

  List<Account> accounts() {
    return accounts;
  }

  boolean isLocal(Domain domain) {
    return domains.containsKey(DomainNames.ascii(domain));
  }

  Resolution resolve(Mailbox address) {
    if (!(address.host() instanceof Domain host)) {
      return FOREIGN;
    }
    String ascii = DomainNames.ascii(host);
    LocalDomain domain = domains.get(ascii);
    if (domain == null) {
      // `<postmaster>` without a domain is meant for this host (RFC 5321 §4.1.1.3).
      return ascii.equals(hostname) && fold(address.localPart()).equals(POSTMASTER)
          ? postmasterOfHost()
          : FOREIGN;
    }
    String local = fold(address.localPart());
    Resolution exact = addresses.get(local + "@" + ascii);
    if (exact != null) {
      return exact;
    }
    return withoutSubaddress(local, ascii, domain)
        .or(() -> postmaster(local, ascii))
        .or(() -> domain.catchAll().map(target -> addresses.getOrDefault(key(target), UNKNOWN)))
        .orElse(UNKNOWN);
  }

  private Optional<Resolution> withoutSubaddress(String local, String ascii, LocalDomain domain) {
    String separator = domain.separator();
    int at = separator.isEmpty() ? -1 : local.indexOf(separator);
    return at <= 0
        ? Optional.empty()
        : Optional.ofNullable(addresses.get(local.substring(0, at) + "@" + ascii));
  }

  /// RFC 5321 §4.5.1: postmaster of a domain is always reachable. Without an account or alias of
  /// that name it is whoever catches all, else the domain's first account, else the first of all.
  private Optional<Resolution> postmaster(String local, String ascii) {
    if (!local.equals(POSTMASTER)) {
      return Optional.empty();
    }
    LocalDomain domain = domains.get(ascii);
    if (domain != null && domain.catchAll().isPresent()) {
      return Optional.empty();
    }
    return accounts.stream()
        .filter(a -> a.address().host() instanceof Domain d && DomainNames.ascii(d).equals(ascii))
        .findFirst()
        .or(() -> accounts.stream().findFirst())
        .map(Snapshot::found);
  }

  private Resolution postmasterOfHost() {
    return domains.values().stream()
        .map(domain -> resolve(new Mailbox(POSTMASTER, domain.name())))
        .filter(Resolution.Found.class::isInstance)
        .findFirst()
        .orElse(FOREIGN);
  }

  private static String key(Mailbox address) {
    String host =
        address.host() instanceof Domain domain ? DomainNames.ascii(domain) : address.host().wire();
    return fold(address.localPart()) + "@" + host;
  }

  private static String fold(String local) {
    for (int i = 0; i < local.length(); i++) {
      if (local.charAt(i) >= 0x80) {
        return Normalizer.normalize(local, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
      }
    }
    return local.toLowerCase(Locale.ROOT);
  }

  /// What is wrong with accounts when they are put beside each other: addresses given twice or
  /// outside our domains.
  static List<String> conflicts(List<LocalDomain> domains, List<Account> accounts) {
    Snapshot empty = new Snapshot(domains, List.of(), new Domain("localhost"));
    List<String> conflicts = new ArrayList<>();
    Map<String, Mailbox> seen = new HashMap<>();
    for (Account account : accounts) {
      List<Mailbox> all = new ArrayList<>(account.aliases());
      all.addFirst(account.address());
      for (Mailbox address : all) {
        Mailbox before = seen.putIfAbsent(key(address), account.address());
        if (before != null) {
          conflicts.add(address + " belongs to " + before + " already");
        }
        if (!(address.host() instanceof Domain domain) || !empty.isLocal(domain)) {
          conflicts.add(address + " is in no [[domain]] of the configuration");
        }
      }
    }
    return conflicts;
  }
}
