package org.depesche.directory.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.MailboxNames;
import org.depesche.directory.Source;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Asks a directory by LDAP, with filters that fit the entries it has. Passwords are checked by
/// logging in to it as the entry that was found, unless their hashes can be read.
public final class LdapSource implements Source, AutoCloseable {

  /// Entries one alias may have.
  private static final int MAX_ENTRIES = 10_000;

  /// Members of one alias that are names of entries: each costs a question.
  private static final int MAX_NAMES = 1000;

  private final LdapSettings settings;
  private final LdapConnections connections;

  /// Connects nothing yet.
  ///
  /// @throws IOException when the certificates to trust cannot be read
  public LdapSource(LdapSettings settings) throws IOException {
    this.settings = settings;
    this.connections = new LdapConnections(settings);
  }

  @Override
  public Optional<LocalDomain> domain(String name) throws UnavailableException {
    if (settings.domain().isEmpty()) {
      return Optional.empty();
    }
    Filter filter = settings.domain().get().with("", name);
    return connections.search(filter, MAX_ENTRIES, SearchRequest.NO_ATTRIBUTES).isEmpty()
        ? Optional.empty()
        : Optional.of(new LocalDomain(new Domain(name), Optional.empty(), "+"));
  }

  @Override
  public Optional<Account> account(String address) throws UnavailableException {
    Optional<LdapEntry> entry = one(address, settings.attributes().ofAccounts());
    return entry.isEmpty()
        ? Optional.empty()
        : Optional.of(entry.get().account(settings.attributes()));
  }

  @Override
  public Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    Optional<LdapEntry> entry =
        one(MailboxNames.folded(account.address()), SearchRequest.NO_ATTRIBUTES);
    return entry.isEmpty()
        ? Optional.empty()
        : Optional.of(connections.matches(entry.get().entry().getDN(), password));
  }

  /// The entry of an account. Two that have the same address are a mistake that would give the mail
  /// of one to the other.
  private Optional<LdapEntry> one(String address, String... attributes)
      throws UnavailableException {
    if (settings.account().isEmpty()) {
      return Optional.empty();
    }
    List<SearchResultEntry> found =
        connections.search(filter(settings.account().get(), address), 2, attributes);
    if (found.size() > 1) {
      throw UnavailableException.ofEntry(
          "several entries have "
              + address
              + ": "
              + found.get(0).getDN()
              + " and "
              + found.get(1).getDN());
    }
    return found.stream().findFirst().map(LdapEntry::new);
  }

  private static Filter filter(SearchFilter filter, String address) {
    int at = address.lastIndexOf('@');
    return filter.with(address.substring(0, at), address.substring(at + 1));
  }

  @Override
  public List<Mailbox> alias(String address) throws UnavailableException {
    if (settings.alias().isEmpty()) {
      return List.of();
    }
    List<String> values = new ArrayList<>();
    for (SearchResultEntry entry :
        connections.search(
            filter(settings.alias().get(), address), MAX_ENTRIES, settings.attributes().member())) {
      values.addAll(new LdapEntry(entry).members(settings.attributes()));
    }
    List<Mailbox> members = members(address, values);
    if (members.isEmpty() && !values.isEmpty()) {
      throw UnavailableException.ofEntry(address + " has members, and none with an address");
    }
    return members;
  }

  private List<Mailbox> members(String alias, List<String> values) throws UnavailableException {
    List<Mailbox> members = new ArrayList<>();
    int names = 0;
    for (String value : values) {
      Optional<Mailbox> address = AddressParser.parseMailbox(value, true);
      if (address.isEmpty() && !DN.isValidDN(value)) {
        throw UnavailableException.ofEntry(
            alias + " has a member that is no address and no name of an entry: " + value);
      }
      if (address.isEmpty() && ++names > MAX_NAMES) {
        throw UnavailableException.ofEntry(
            alias + " has more than " + MAX_NAMES + " members that are names of entries");
      }
      (address.isPresent() ? address : addressOf(value)).ifPresent(members::add);
    }
    return members;
  }

  /// The address of an entry; empty when there is no such entry any more, or when it is one that
  /// gets no mail.
  private Optional<Mailbox> addressOf(String name) throws UnavailableException {
    Optional<SearchResultEntry> entry = connections.entry(name, settings.attributes().address());
    return entry.isEmpty()
        ? Optional.empty()
        : new LdapEntry(entry.get()).address(settings.attributes());
  }

  @Override
  public void close() {
    connections.close();
  }
}
