package org.depesche.directory;

import java.io.IOException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
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
      Set.of(
          "address",
          "password",
          "scram",
          "application-password",
          "aliases",
          "send-as",
          "forward-to",
          "keep-copy",
          "quota",
          "messages",
          "recipients",
          "octets",
          "sessions",
          "message-size",
          "disabled");

  private static final Set<String> APPLICATION_KEYS =
      Set.of(
          "name", "digest", "made", "messages", "recipients", "octets", "sessions", "message-size");

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
        .withApplications(applications(table))
        .withAliases(mailboxes(table, "aliases"))
        .withSendAs(sendAs(table))
        .withForwarding(
            new Forwarding(mailboxes(table, "forward-to"), flag(table, "keep-copy", true)))
        .withQuota(octets(table, "quota"))
        .withLimits(limits(table))
        .withDisabled(flag(table, "disabled", false));
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
    if (!(value instanceof String verifiers) || !ScramVerifier.areAll(verifiers)) {
      throw wrong(table.inputPositionOf("scram"), "no SCRAM verifier (RFC 5803)");
    }
    return Optional.of(verifiers);
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

  private List<Mailbox> mailboxes(TomlTable table, String key) throws IOException {
    List<Mailbox> addresses = new ArrayList<>();
    Object value = table.get(List.of(key));
    if (value == null) {
      return addresses;
    }
    if (!(value instanceof TomlArray listed)) {
      throw wrong(table.inputPositionOf(List.of(key)), "addresses stand in brackets");
    }
    for (int i = 0; i < listed.size(); i++) {
      addresses.add(mailbox(listed.get(i), listed.inputPositionOf(i)));
    }
    return addresses;
  }

  private boolean flag(TomlTable table, String key, boolean usual) throws IOException {
    Object value = table.get(List.of(key));
    if (value == null) {
      return usual;
    }
    if (!(value instanceof Boolean flag)) {
      throw wrong(table.inputPositionOf(List.of(key)), key + " is true or false");
    }
    return flag;
  }

  private OptionalLong octets(TomlTable table, String key) throws IOException {
    Object value = table.get(List.of(key));
    if (value == null) {
      return OptionalLong.empty();
    }
    if (!(value instanceof Long octets) || octets <= 0) {
      throw wrong(table.inputPositionOf(List.of(key)), key + " is a number of octets");
    }
    return OptionalLong.of(octets);
  }

  private SendingLimits limits(TomlTable table) throws IOException {
    return new SendingLimits(
        amount(table, "messages"),
        amount(table, "recipients"),
        amount(table, "octets"),
        sessions(table),
        octets(table, "message-size"));
  }

  private Optional<SendingLimits.Amount> amount(TomlTable table, String key) throws IOException {
    Object value = table.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof TomlArray pair)
        || pair.size() != 2
        || !(pair.get(0) instanceof Long most)
        || !(pair.get(1) instanceof Long seconds)
        || most <= 0
        || seconds <= 0
        || seconds > SendingLimits.Amount.LONGEST.toSeconds()) {
      throw wrong(table.inputPositionOf(key), key + " are a number and in how many seconds");
    }
    return Optional.of(new SendingLimits.Amount(most, Duration.ofSeconds(seconds)));
  }

  private OptionalInt sessions(TomlTable table) throws IOException {
    Object value = table.get("sessions");
    if (value == null) {
      return OptionalInt.empty();
    }
    if (!(value instanceof Long most) || most <= 0 || most > Integer.MAX_VALUE) {
      throw wrong(table.inputPositionOf("sessions"), "sessions are a number");
    }
    return OptionalInt.of(most.intValue());
  }

  private List<ApplicationPassword> applications(TomlTable table) throws IOException {
    List<ApplicationPassword> passwords = new ArrayList<>();
    Object value = table.get(List.of("application-password"));
    if (value == null) {
      return passwords;
    }
    if (!(value instanceof TomlArray tables)) {
      throw wrong(
          table.inputPositionOf(List.of("application-password")),
          "they stand each under [[account.application-password]]");
    }
    for (int i = 0; i < tables.size(); i++) {
      if (!(tables.get(i) instanceof TomlTable each)) {
        throw wrong(
            tables.inputPositionOf(i), "they stand each under [[account.application-password]]");
      }
      passwords.add(application(each, tables.inputPositionOf(i)));
    }
    return passwords;
  }

  private ApplicationPassword application(TomlTable table, @Nullable TomlPosition at)
      throws IOException {
    for (String key : table.keySet()) {
      if (!APPLICATION_KEYS.contains(key)) {
        throw wrong(table.inputPositionOf(List.of(key)), "unknown key " + key);
      }
    }
    if (!(table.get("name") instanceof String name)
        || !ApplicationPassword.isName(name)
        || !(table.get("digest") instanceof String digest)
        || !ApplicationPassword.isDigest(digest)
        || !(table.get("made") instanceof OffsetDateTime made)) {
      throw wrong(at, "an application password has name, digest (SHA-256) and made (a time)");
    }
    return new ApplicationPassword(name, digest, made.toInstant(), limits(table));
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
      list(out, "send-as", account.sendAs());
      list(out, "aliases", account.aliases().stream().map(Mailbox::wire).toList());
      list(out, "forward-to", account.forwarding().to().stream().map(Mailbox::wire).toList());
      if (!account.forwarding().keepsCopy()) {
        out.append("keep-copy = false\n");
      }
      account.quota().ifPresent(octets -> out.append("quota = ").append(octets).append('\n'));
      limits(out, account.limits());
      if (account.isDisabled()) {
        out.append("disabled = true\n");
      }
      account.applications().forEach(each -> application(out, each));
    }
    return out.toString();
  }

  private static void list(StringBuilder out, String key, List<String> values) {
    if (!values.isEmpty()) {
      out.append(key)
          .append(" = ")
          .append(values.stream().map(AccountText::quoted).toList())
          .append('\n');
    }
  }

  private static void application(StringBuilder out, ApplicationPassword password) {
    out.append("\n[[account.application-password]]\nname = ")
        .append(quoted(password.name()))
        .append("\ndigest = ")
        .append(quoted(password.digest()))
        .append("\nmade = ")
        .append(password.made().truncatedTo(ChronoUnit.SECONDS))
        .append('\n');
    limits(out, password.limits());
  }

  private static void limits(StringBuilder out, SendingLimits limits) {
    limits.messages().ifPresent(amount -> amount(out, "messages", amount));
    limits.recipients().ifPresent(amount -> amount(out, "recipients", amount));
    limits.octets().ifPresent(amount -> amount(out, "octets", amount));
    limits.sessions().ifPresent(most -> out.append("sessions = ").append(most).append('\n'));
    limits
        .messageSize()
        .ifPresent(octets -> out.append("message-size = ").append(octets).append('\n'));
  }

  private static void amount(StringBuilder out, String key, SendingLimits.Amount amount) {
    out.append(key)
        .append(" = ")
        .append(List.of(amount.most(), amount.per().toSeconds()))
        .append('\n');
  }

  /// Addresses and hashes have no control characters, which would need more.
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
