package org.depesche.directory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.depesche.directory.password.PasswordHash;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.sasl.ScramVerifier;
import org.depesche.smtp.AddressParser;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// The text of an account file. What it does not understand it refuses, since the next edit would
/// lose it.
final class AccountText {

  private static final Set<String> KEYS =
      Set.of("address", "password", "scram", "aliases", "send-as");

  private final String source;

  private AccountText(String source) {
    this.source = source;
  }

  /// Reads accounts.
  ///
  /// @param source what places of mistakes are named after
  /// @throws IOException with the first mistake and its place
  static List<Account> parse(String text, String source) throws IOException {
    return new AccountText(source).accounts(Toml.parse(text));
  }

  private List<Account> accounts(TomlParseResult toml) throws IOException {
    if (toml.hasErrors()) {
      var error = toml.errors().getFirst();
      throw wrong(error.position(), String.valueOf(error.getMessage()));
    }
    for (String key : toml.keySet()) {
      if (!key.equals("account")) {
        throw wrong(toml.inputPositionOf(List.of(key)), "unknown key " + key);
      }
    }
    List<Account> accounts = new ArrayList<>();
    Object listed = toml.get("account");
    if (listed == null) {
      return accounts;
    }
    if (!(listed instanceof TomlArray tables)) {
      throw wrong(toml.inputPositionOf("account"), "accounts stand each under [[account]]");
    }
    for (int i = 0; i < tables.size(); i++) {
      if (!(tables.get(i) instanceof TomlTable table)) {
        throw wrong(tables.inputPositionOf(i), "accounts stand each under [[account]]");
      }
      accounts.add(account(table, tables.inputPositionOf(i)));
    }
    return accounts;
  }

  private Account account(TomlTable table, @Nullable TomlPosition at) throws IOException {
    for (String key : table.keySet()) {
      if (!KEYS.contains(key)) {
        throw wrong(table.inputPositionOf(List.of(key)), "unknown key account." + key);
      }
    }
    if (!table.contains("address")) {
      throw wrong(at, "an account without an address");
    }
    return Account.of(mailbox(table.get("address"), table.inputPositionOf("address")))
        .withPassword(password(table), scram(table))
        .withAliases(aliases(table))
        .withSendAs(sendAs(table));
  }

  private Optional<String> password(TomlTable table) throws IOException {
    Object value = table.get("password");
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String hash)
        || !(PasswordHash.parse(hash) instanceof PasswordHash.Parsed.Known)) {
      throw wrong(table.inputPositionOf("password"), "a password that is no hash of a known kind");
    }
    return Optional.of(hash);
  }

  private Optional<String> scram(TomlTable table) throws IOException {
    Object value = table.get("scram");
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String verifier) || ScramVerifier.parse(verifier).isEmpty()) {
      throw wrong(table.inputPositionOf("scram"), "no SCRAM verifier (RFC 5803)");
    }
    return Optional.of(verifier);
  }

  private List<String> sendAs(TomlTable table) throws IOException {
    List<String> grants = new ArrayList<>();
    Object value = table.get("send-as");
    if (value == null) {
      return grants;
    }
    if (!(value instanceof TomlArray listed)) {
      throw wrong(table.inputPositionOf("send-as"), "grants stand in brackets");
    }
    for (int i = 0; i < listed.size(); i++) {
      if (!(listed.get(i) instanceof String grant) || !Account.isGrant(grant)) {
        throw wrong(listed.inputPositionOf(i), "an address, a domain with @ before it, or *");
      }
      grants.add(grant);
    }
    return grants;
  }

  private List<Mailbox> aliases(TomlTable table) throws IOException {
    List<Mailbox> aliases = new ArrayList<>();
    Object value = table.get("aliases");
    if (value == null) {
      return aliases;
    }
    if (!(value instanceof TomlArray listed)) {
      throw wrong(table.inputPositionOf("aliases"), "aliases stand in brackets");
    }
    for (int i = 0; i < listed.size(); i++) {
      aliases.add(mailbox(listed.get(i), listed.inputPositionOf(i)));
    }
    return aliases;
  }

  private Mailbox mailbox(@Nullable Object value, @Nullable TomlPosition at) throws IOException {
    Optional<Mailbox> mailbox =
        value instanceof String text
            ? AddressParser.parseMailbox(text, true).filter(m -> m.host() instanceof Domain)
            : Optional.empty();
    if (mailbox.isEmpty()) {
      throw wrong(at, "'" + value + "' is no address such as alice@example.org");
    }
    return mailbox.get();
  }

  private IOException wrong(@Nullable TomlPosition at, String message) {
    return new IOException(
        source + (at == null ? "" : ":" + at.line() + ":" + at.column()) + ": " + message);
  }

  /// Writes accounts.
  static String format(List<Account> accounts) {
    StringBuilder out =
        new StringBuilder(
            """
            # Accounts made by `depesche user`. Its next edit writes the file anew: comments do not stay.
            """);
    for (Account account : accounts) {
      out.append("\n[[account]]\naddress = ").append(quoted(account.address().wire())).append('\n');
      account.password().ifPresent(p -> out.append("password = ").append(quoted(p)).append('\n'));
      account.scram().ifPresent(v -> out.append("scram = ").append(quoted(v)).append('\n'));
      if (!account.sendAs().isEmpty()) {
        out.append("send-as = ")
            .append(account.sendAs().stream().map(AccountText::quoted).toList())
            .append('\n');
      }
      if (!account.aliases().isEmpty()) {
        out.append("aliases = ")
            .append(account.aliases().stream().map(a -> quoted(a.wire())).toList())
            .append('\n');
      }
    }
    return out.toString();
  }

  /// Addresses and hashes have no control characters, which would need more.
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
