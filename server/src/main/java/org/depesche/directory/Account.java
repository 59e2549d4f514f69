package org.depesche.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.depesche.directory.password.KeptPassword;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Somebody, or something, with a mailbox.
///
/// @param address names the account and its mailbox
/// @param password hash of the password; empty for who cannot log in with one that is kept here
/// @param scram verifiers for SCRAM (RFC 5803), one for each hash, with spaces between them; empty
///   for none
/// @param applications passwords for single programs
/// @param aliases other addresses
/// @param sendAs whom it may send as beside its own addresses: an address, `@example.org` for a
///   domain, `*` for all
/// @param forwarding where else its mail goes
/// @param quota octets its mailbox may hold; empty for no limit
/// @param limits what it may send, where that differs from what all may
/// @param isDisabled neither logs in nor gets mail
public record Account(
    Mailbox address,
    Optional<String> password,
    Optional<String> scram,
    List<ApplicationPassword> applications,
    List<Mailbox> aliases,
    List<String> sendAs,
    Forwarding forwarding,
    OptionalLong quota,
    SendingLimits limits,
    boolean isDisabled) {

  public Account {
    applications = List.copyOf(applications);
    aliases = List.copyOf(aliases);
    sendAs = List.copyOf(sendAs);
  }

  /// An account that receives mail and cannot log in.
  public static Account of(Mailbox address) {
    return new Account(
        address,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        Forwarding.NONE,
        OptionalLong.empty(),
        SendingLimits.NONE,
        false);
  }

  /// The same under this address.
  Account withAddress(Mailbox changed) {
    return new Account(
        changed,
        password,
        scram,
        applications,
        aliases,
        sendAs,
        forwarding,
        quota,
        limits,
        isDisabled);
  }

  /// The same with another password, and what belongs to it.
  public Account withPassword(Optional<String> hash, Optional<String> verifier) {
    return new Account(
        address,
        hash,
        verifier,
        applications,
        aliases,
        sendAs,
        forwarding,
        quota,
        limits,
        isDisabled);
  }

  /// The same with another password, and what belongs to it.
  public Account withPassword(KeptPassword kept) {
    return withPassword(kept.hash(), kept.scram());
  }

  /// The same with these passwords for programs.
  public Account withApplications(List<ApplicationPassword> changed) {
    return new Account(
        address, password, scram, changed, aliases, sendAs, forwarding, quota, limits, isDisabled);
  }

  /// The password for a program of this name.
  public Optional<ApplicationPassword> application(String name) {
    return applications.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /// The same with these other addresses.
  public Account withAliases(List<Mailbox> changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        changed,
        sendAs,
        forwarding,
        quota,
        limits,
        isDisabled);
  }

  /// The same with these grants.
  public Account withSendAs(List<String> changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        aliases,
        changed,
        forwarding,
        quota,
        limits,
        isDisabled);
  }

  /// The same with its mail going elsewhere.
  public Account withForwarding(Forwarding changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        aliases,
        sendAs,
        changed,
        quota,
        limits,
        isDisabled);
  }

  /// The same with another limit of its mailbox, in octets.
  public Account withQuota(OptionalLong changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        aliases,
        sendAs,
        forwarding,
        changed,
        limits,
        isDisabled);
  }

  /// The same with limits of its own.
  public Account withLimits(SendingLimits changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        aliases,
        sendAs,
        forwarding,
        quota,
        changed,
        isDisabled);
  }

  /// The same, neither logging in nor getting mail, or doing both again.
  public Account withDisabled(boolean changed) {
    return new Account(
        address,
        password,
        scram,
        applications,
        aliases,
        sendAs,
        forwarding,
        quota,
        limits,
        changed);
  }

  /// Whether mail may be from this address when this account sends it.
  public boolean maySendAs(Mailbox sender) {
    String wanted = MailboxNames.folded(sender);
    return addresses().stream().anyMatch(own -> MailboxNames.folded(own).equals(wanted))
        || sendAs.stream().anyMatch(grant -> grants(grant, sender, wanted));
  }

  /// True for text that can stand in `sendAs`.
  public static boolean isGrant(String text) {
    return text.equals("*")
        || text.startsWith("@") && AddressParser.parseDomain(text.substring(1), true).isPresent()
        || AddressParser.parseMailbox(text, true).isPresent();
  }

  private static boolean grants(String grant, Mailbox sender, String wanted) {
    if (grant.equals("*")) {
      return true;
    }
    if (grant.startsWith("@")) {
      return sender.host() instanceof Domain domain
          && DomainNames.ascii(domain).equals(DomainNames.ascii(new Domain(grant.substring(1))));
    }
    return AddressParser.parseMailbox(grant, true)
        .filter(granted -> MailboxNames.folded(granted).equals(wanted))
        .isPresent();
  }

  /// All its addresses, the one that names it first.
  public List<Mailbox> addresses() {
    List<Mailbox> all = new ArrayList<>(aliases);
    all.addFirst(address);
    return all;
  }
}
