package org.depesche.directory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Somebody, or something, with a mailbox.
///
/// @param address names the account and its mailbox
/// @param password hash of the password; empty for who cannot log in
/// @param scram verifier for SCRAM-SHA-256 (RFC 5803); empty for none
/// @param aliases other addresses
/// @param sendAs whom it may send as beside its own addresses: an address, `@example.org` for a
///   domain, `*` for all
public record Account(
    Mailbox address,
    Optional<String> password,
    Optional<String> scram,
    List<Mailbox> aliases,
    List<String> sendAs) {

  public Account {
    aliases = List.copyOf(aliases);
    sendAs = List.copyOf(sendAs);
  }

  /// An account that sends as itself.
  public Account(Mailbox address, Optional<String> password, List<Mailbox> aliases) {
    this(address, password, Optional.empty(), aliases, List.of());
  }

  /// The same with another password, and what belongs to it.
  public Account withPassword(Optional<String> hash, Optional<String> verifier) {
    return new Account(address, hash, verifier, aliases, sendAs);
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
