package org.depesche.directory.ldap;

import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.SearchResultEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.depesche.directory.Account;
import org.depesche.directory.Forwarding;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// An entry that was found.
record LdapEntry(SearchResultEntry entry) {

  private static final Set<String> NO = Set.of("0", "f", "false", "n", "no", "off", "");

  /// Exchange and others write the kind of an address before it; one that is used for mail has
  /// this.
  private static final String SMTP_KIND = "smtp:";

  Account account(Attributes attributes) throws UnavailableException {
    Mailbox address =
        address(attributes).orElseThrow(() -> unusable("no address in " + attributes.address()));
    return Account.of(address)
        .withPassword(text(attributes.password()), Optional.empty())
        .withAliases(otherAddresses(attributes, address))
        .withSendAs(sendAs(attributes))
        .withForwarding(
            new Forwarding(
                mailboxes(values(attributes.forwardTo())),
                text(attributes.keepCopy()).map(LdapEntry::isTrue).orElse(true)))
        .withQuota(quota(attributes))
        .withDisabled(text(attributes.disabled()).map(LdapEntry::isTrue).orElse(false));
  }

  /// What names an account; empty when the entry has no such attribute.
  Optional<Mailbox> address(Attributes attributes) throws UnavailableException {
    List<String> values = values(Optional.of(attributes.address()));
    if (values.size() > 1) {
      // RFC 4511 §4.1.7: values have no order, so the first would be another one tomorrow.
      throw unusable("several values of " + attributes.address() + ", which names the mailbox");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(mailbox(values.getFirst()));
  }

  /// Whom an alias leads to.
  List<String> members(Attributes attributes) throws UnavailableException {
    String name = attributes.member();
    for (Attribute attribute : entry.getAttributes()) {
      if (attribute.getName().toLowerCase(Locale.ROOT).startsWith(lower(name) + ";range=")) {
        // What Active Directory does with a group that is too big for one answer.
        throw unusable("more values of " + name + " than the server tells at once");
      }
    }
    return values(Optional.of(name));
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private List<Mailbox> otherAddresses(Attributes attributes, Mailbox own)
      throws UnavailableException {
    List<Mailbox> found = new ArrayList<>();
    for (String value : values(attributes.otherAddresses())) {
      boolean isSmtp = value.regionMatches(true, 0, SMTP_KIND, 0, SMTP_KIND.length());
      // Other kinds, such as `x500:`, are no addresses of mail.
      if (isSmtp || value.indexOf(':') < 0) {
        Mailbox address = mailbox(isSmtp ? value.substring(SMTP_KIND.length()) : value);
        if (!address.equals(own)) {
          found.add(address);
        }
      }
    }
    return found;
  }

  private List<String> sendAs(Attributes attributes) throws UnavailableException {
    List<String> grants = values(attributes.sendAs());
    for (String grant : grants) {
      if (!Account.isGrant(grant)) {
        throw unusable("no address and no @domain: " + grant);
      }
    }
    return grants;
  }

  private OptionalLong quota(Attributes attributes) throws UnavailableException {
    String text = text(attributes.quota()).orElse("0");
    try {
      long octets = Long.parseLong(text);
      return octets > 0 ? OptionalLong.of(octets) : OptionalLong.empty();
    } catch (NumberFormatException _) {
      throw unusable("no number of octets: " + text);
    }
  }

  private List<Mailbox> mailboxes(List<String> texts) throws UnavailableException {
    List<Mailbox> found = new ArrayList<>();
    for (String text : texts) {
      found.add(mailbox(text));
    }
    return found;
  }

  private Mailbox mailbox(String text) throws UnavailableException {
    return AddressParser.parseMailbox(text, true)
        .orElseThrow(() -> unusable("no address: " + text));
  }

  private Optional<String> text(Optional<String> attribute) {
    return values(attribute).stream().findFirst();
  }

  /// Values, without those that are blank.
  private List<String> values(Optional<String> attribute) {
    String[] values = attribute.isEmpty() ? null : entry.getAttributeValues(attribute.get());
    return values == null
        ? List.of()
        : Arrays.stream(values).map(String::strip).filter(v -> !v.isEmpty()).toList();
  }

  private static boolean isTrue(String value) {
    return !NO.contains(lower(value));
  }

  private UnavailableException unusable(String why) {
    return UnavailableException.ofEntry("entry " + entry.getDN() + ": " + why);
  }
}
