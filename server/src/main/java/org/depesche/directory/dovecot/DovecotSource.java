package org.depesche.directory.dovecot;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.depesche.directory.Account;
import org.depesche.directory.LocalDomain;
import org.depesche.directory.MailboxNames;
import org.depesche.directory.Source;
import org.depesche.directory.UnavailableException;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;

/// Asks a Dovecot who exists (its protocol for masters, `USER`) and whether a password is right
/// (its protocol for authentication, version 1, with the mechanism PLAIN). It knows neither domains
/// nor aliases.
public final class DovecotSource implements Source, AutoCloseable {

  private static final String SERVICE = "service=smtp";

  /// Octets of a name and password. Dovecot ends connections with lines of more than 8192, and
  /// others may wait on this one.
  private static final int MAX_CREDENTIALS = 4096;

  /// Processes have smaller numbers, and Dovecot takes us for another client by ours.
  private static final int FIRST_CLIENT = 1 << 22;

  private static final List<String> UNITS = List.of("b", "k", "m", "g", "t");

  private final Requests users;
  private final Optional<Requests> logins;

  /// Connects nothing yet.
  ///
  /// @param random makes the numbers by which connections are told apart
  public DovecotSource(DovecotSettings settings, RandomGenerator random) {
    this.users =
        new Requests(
            settings.users(),
            () ->
                new Conversation.Greeting(
                    List.of(Line.of("VERSION", "1", "0")), "SPID", Optional.empty()),
            settings.timeout());
    this.logins =
        settings.auth().map(auth -> new Requests(auth, () -> greeting(random), settings.timeout()));
  }

  private static Conversation.Greeting greeting(RandomGenerator random) {
    String client = String.valueOf(random.nextInt(FIRST_CLIENT, Integer.MAX_VALUE));
    return new Conversation.Greeting(
        List.of(Line.of("VERSION", "1", "1"), Line.of("CPID", client)),
        "DONE",
        Optional.of(Line.of("MECH", "PLAIN")));
  }

  @Override
  public Optional<LocalDomain> domain(String name) {
    return Optional.empty();
  }

  @Override
  public List<Mailbox> alias(String address) {
    return List.of();
  }

  @Override
  public Optional<Account> account(String address) throws UnavailableException {
    Line answer = users.ask("USER", List.of(address, SERVICE));
    return switch (answer.kind()) {
      case "USER" -> Optional.of(account(answer, address));
      case "NOTFOUND" -> Optional.empty();
      default -> throw failed(users, address, answer);
    };
  }

  /// @param asked the address that was looked up, for a Dovecot whose users are no addresses
  private static Account account(Line answer, String asked) throws UnavailableException {
    Mailbox address =
        AddressParser.parseMailbox(answer.field(2), true)
            .or(() -> AddressParser.parseMailbox(asked, true))
            .orElseThrow(() -> UnavailableException.ofEntry("no address: " + asked));
    return Account.of(address).withQuota(quota(answer.value("quota_rule").orElse("")));
  }

  /// What a rule for all mailboxes says of storage, as in `*:storage=1G:messages=1000`. Rules that
  /// are not as plain are left to Dovecot.
  private static OptionalLong quota(String rule) {
    if (rule.startsWith("*:")) {
      for (String limit : rule.split(":", -1)) {
        if (limit.startsWith("storage=")) {
          return octets(limit.substring("storage=".length()), 1);
        }
        if (limit.startsWith("bytes=")) {
          return octets(limit.substring("bytes=".length()), 0);
        }
      }
    }
    return OptionalLong.empty();
  }

  /// @param unit the exponent of 1024 for a number without a unit
  private static OptionalLong octets(String text, int unit) {
    String last = text.isEmpty() ? "" : text.substring(text.length() - 1).toLowerCase(Locale.ROOT);
    int named = UNITS.indexOf(last);
    String digits = named < 0 ? text : text.substring(0, text.length() - 1);
    try {
      long octets =
          Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (named < 0 ? unit : named)));
      return octets > 0 ? OptionalLong.of(octets) : OptionalLong.empty();
    } catch (NumberFormatException | ArithmeticException _) {
      return OptionalLong.empty();
    }
  }

  @Override
  public Optional<Boolean> matches(Account account, byte[] password) throws UnavailableException {
    if (logins.isEmpty()) {
      return Optional.empty();
    }
    String name = MailboxNames.folded(account.address());
    byte[] user = name.getBytes(StandardCharsets.UTF_8);
    if (user.length + password.length > MAX_CREDENTIALS || !isPassword(password)) {
      return Optional.of(false);
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write(0);
    message.writeBytes(user);
    message.write(0);
    message.writeBytes(password);
    // That the password came encrypted, or from this machine, was seen to before it was taken.
    Line answer =
        logins
            .get()
            .ask(
                "AUTH",
                List.of(
                    "PLAIN",
                    SERVICE,
                    "nologin",
                    "secured",
                    "resp=" + Base64.getEncoder().encodeToString(message.toByteArray())));
    if (answer.kind().equals("OK")) {
      return Optional.of(true);
    }
    boolean isTemporary =
        answer.has("temp") || answer.value("code").filter("temp_fail"::equals).isPresent();
    if (answer.kind().equals("FAIL") && !isTemporary) {
      return Optional.of(false);
    }
    throw failed(logins.get(), name, answer);
  }

  /// RFC 4616 §2: a password has an octet at least, and none of them is NUL.
  private static boolean isPassword(byte[] password) {
    for (byte octet : password) {
      if (octet == 0) {
        return false;
      }
    }
    return password.length > 0;
  }

  private static UnavailableException failed(Requests asked, String name, Line answer) {
    return UnavailableException.ofEntry(
        asked
            + ": "
            + answer.kind()
            + " for "
            + name
            + answer.value("reason").map(reason -> ": " + reason).orElse(""));
  }

  @Override
  public void close() {
    users.close();
    logins.ifPresent(Requests::close);
  }
}
