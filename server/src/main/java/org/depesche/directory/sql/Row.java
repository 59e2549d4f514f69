package org.depesche.directory.sql;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.depesche.directory.Account;
import org.depesche.directory.Forwarding;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// One row of an answer: columns by their names in lower case, those that are null left out.
record Row(Map<String, String> columns) {

  private static final Set<String> NO = Set.of("0", "f", "false", "n", "no", "off", "");

  static Row of(ResultSet results) throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    ResultSetMetaData names = results.getMetaData();
    for (int i = 1; i <= names.getColumnCount(); i++) {
      String value = results.getString(i);
      if (value != null) {
        columns.put(names.getColumnLabel(i).toLowerCase(Locale.ROOT), value.strip());
      }
    }
    return new Row(columns);
  }

  Optional<String> text(String column) {
    return Optional.ofNullable(columns.get(column));
  }

  Optional<Domain> domain(String column) throws UnavailableException {
    Optional<String> text = text(column);
    Optional<Domain> domain = text.flatMap(name -> AddressParser.parseDomain(name, true));
    if (text.isPresent() && domain.isEmpty()) {
      throw UnavailableException.ofEntry("column " + column + " has no domain: " + text.get());
    }
    return domain;
  }

  Optional<Mailbox> mailbox(String column) throws UnavailableException {
    Optional<String> text = text(column).filter(t -> !t.isEmpty());
    return text.isEmpty() ? Optional.empty() : Optional.of(mailbox(column, text.get()));
  }

  private static Mailbox mailbox(String column, String text) throws UnavailableException {
    return AddressParser.parseMailbox(text, true)
        .orElseThrow(
            () -> UnavailableException.ofEntry("column " + column + " has no address: " + text));
  }

  /// The addresses in the first column, several with commas between them.
  List<Mailbox> mailboxes() throws UnavailableException {
    for (Map.Entry<String, String> first : columns.entrySet()) {
      return mailboxes(first.getKey());
    }
    return List.of();
  }

  private List<Mailbox> mailboxes(String column) throws UnavailableException {
    List<Mailbox> found = new ArrayList<>();
    for (String text : words(column)) {
      found.add(mailbox(column, text));
    }
    return found;
  }

  private List<String> words(String column) {
    List<String> words = new ArrayList<>();
    for (String word : text(column).orElse("").split(",", -1)) {
      if (!word.isBlank()) {
        words.add(word.strip());
      }
    }
    return words;
  }

  private boolean isTrue(String column) {
    return text(column).map(t -> !NO.contains(t.toLowerCase(Locale.ROOT))).orElse(false);
  }

  /// @param asked the address that was looked up, for accounts whose row does not name it
  Account account(String asked) throws UnavailableException {
    Mailbox address = mailbox("address").orElse(mailbox("address", asked));
    return Account.of(address)
        .withPassword(
            text("password").filter(t -> !t.isEmpty()), text("scram").filter(t -> !t.isEmpty()))
        .withSendAs(sendAs())
        .withForwarding(new Forwarding(mailboxes("forward_to"), !isFalse("keep_copy")))
        .withQuota(quota())
        .withDisabled(isTrue("disabled") || isFalse("enabled") || isFalse("active"));
  }

  private boolean isFalse(String column) {
    return text(column).isPresent() && !isTrue(column);
  }

  private List<String> sendAs() throws UnavailableException {
    List<String> grants = words("send_as");
    for (String grant : grants) {
      if (!Account.isGrant(grant)) {
        throw UnavailableException.ofEntry(
            "column send_as has no address and no @domain: " + grant);
      }
    }
    return grants;
  }

  private OptionalLong quota() throws UnavailableException {
    String text = text("quota").orElse("0");
    try {
      long octets = Long.parseLong(text);
      return octets > 0 ? OptionalLong.of(octets) : OptionalLong.empty();
    } catch (NumberFormatException _) {
      throw UnavailableException.ofEntry("column quota has no number of octets: " + text);
    }
  }
}
