package org.depesche.admin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.AccountBook;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.SendingLimits;
import org.depesche.mail.Mailbox;

/// An account as the API shows it; hashes of passwords are not for showing.
///
/// @param from `configuration` or `command`: only the latter can be changed
/// @param quotaBytes what its mailbox may hold; empty for no limit
/// @param limits what it may send, where that differs from what all may
/// @param password one that was just made, shown this once
public record AccountReport(
    String address,
    String from,
    boolean hasPassword,
    boolean disabled,
    List<String> aliases,
    List<String> sendAs,
    List<String> forwardTo,
    boolean keepCopy,
    Optional<Long> quotaBytes,
    Limits limits,
    List<Program> appPasswords,
    Optional<String> password) {

  public AccountReport {
    aliases = List.copyOf(aliases);
    sendAs = List.copyOf(sendAs);
    forwardTo = List.copyOf(forwardTo);
    appPasswords = List.copyOf(appPasswords);
  }

  /// Some of all accounts.
  ///
  /// @param accounts how many there are
  /// @param shown those asked for
  public record Several(int accounts, List<AccountReport> shown) {

    public Several {
      shown = List.copyOf(shown);
    }
  }

  /// So much in a time.
  public record Amount(long amount, long seconds) {}

  /// What may be sent; empty for what all may.
  public record Limits(
      Optional<Amount> messages,
      Optional<Amount> recipients,
      Optional<Amount> bytes,
      Optional<Integer> sessions,
      Optional<Long> messageBytes) {

    static Limits of(SendingLimits limits) {
      return new Limits(
          limits.messages().map(Limits::amount),
          limits.recipients().map(Limits::amount),
          limits.octets().map(Limits::amount),
          limits.sessions().isPresent()
              ? Optional.of(limits.sessions().getAsInt())
              : Optional.empty(),
          limits.messageSize().isPresent()
              ? Optional.of(limits.messageSize().getAsLong())
              : Optional.empty());
    }

    private static Amount amount(SendingLimits.Amount amount) {
      return new Amount(amount.most(), amount.per().toSeconds());
    }
  }

  /// A password for one program.
  ///
  /// @param lastUse empty for never, and for longer ago than is remembered
  public record Program(String name, Instant made, Optional<Instant> lastUse, Limits limits) {}

  /// When an application password was last used.
  interface Uses {

    Optional<Instant> last(String account, String name);
  }

  static AccountReport of(AccountBook.Entry entry, Uses uses) {
    Account account = entry.account();
    String address = account.address().wire();
    return new AccountReport(
        address,
        entry.isConfigured() ? "configuration" : "command",
        account.password().isPresent(),
        account.isDisabled(),
        account.aliases().stream().map(Mailbox::wire).toList(),
        account.sendAs(),
        account.forwarding().to().stream().map(Mailbox::wire).toList(),
        account.forwarding().keepsCopy(),
        account.quota().isPresent() ? Optional.of(account.quota().getAsLong()) : Optional.empty(),
        Limits.of(account.limits()),
        account.applications().stream().map(each -> program(address, each, uses)).toList(),
        Optional.empty());
  }

  private static Program program(String address, ApplicationPassword each, Uses uses) {
    return new Program(
        each.name(), each.made(), uses.last(address, each.name()), Limits.of(each.limits()));
  }

  /// The same with a password that was just made.
  AccountReport withPassword(Optional<String> made) {
    return new AccountReport(
        address,
        from,
        hasPassword,
        disabled,
        aliases,
        sendAs,
        forwardTo,
        keepCopy,
        quotaBytes,
        limits,
        appPasswords,
        made);
  }
}
