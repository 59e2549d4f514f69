package org.depesche.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.depesche.directory.Account;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.SendingLimits;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.Allowances;
import org.depesche.limits.Allowances.Kind;
import org.depesche.limits.Allowances.Scope;
import org.depesche.limits.Allowances.Sender;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.smtp.server.Client;

/// How much may be sent: by an account, with one of its application passwords, from the network of
/// a client that has not logged in, to a listener. Each has to grant it.
public final class SenderLimits {

  private final Allowances allowances;
  private final AccountSessions sessions;
  private volatile int accountSessions;
  private final Map<String, SendingLimits> listeners;

  /// @param accountSessions sessions at once of an account; 0 for no limit
  /// @param listeners limits of listeners, by their names
  public SenderLimits(
      Allowances allowances,
      AccountSessions sessions,
      int accountSessions,
      Map<String, SendingLimits> listeners) {
    this.allowances = allowances;
    this.sessions = sessions;
    this.accountSessions = accountSessions;
    this.listeners = Map.copyOf(listeners);
  }

  /// Changes how many sessions an account may have, for those that are logged in too.
  public void accountSessions(int changed) {
    accountSessions = changed;
  }

  /// Somebody pays for what is sent.
  ///
  /// @param own limits that are his alone
  /// @param sessions what his sessions are counted under
  private record Payer(Sender sender, SendingLimits own, String sessions) {

    Payer(Sender sender, SendingLimits own) {
      this(sender, own, sender.name());
    }

    String name() {
      return sender.name();
    }
  }

  /// Whose allowance mail of an account is taken from.
  private static Sender sender(Account account) {
    return new Sender(Scope.ACCOUNT, account.address().wire());
  }

  private static String program(String account, String credential) {
    return account + " " + credential;
  }

  /// What an account, and each of its application passwords, has used of what may be sent.
  public List<Allowances.Use> uses(Account account) {
    List<Allowances.Use> uses =
        new ArrayList<>(allowances.uses(sender(account), rates(account.limits())));
    for (ApplicationPassword each : account.applications()) {
      String name = program(account.address().wire(), each.name());
      uses.addAll(allowances.uses(new Sender(Scope.PROGRAM, name), rates(each.limits())));
    }
    return uses;
  }

  /// A connection from a network that is not trusted.
  boolean mayConnect(Client client) {
    return allowances
        .take(Sender.of(client.remote().getAddress()), Kind.CONNECTIONS, 1, Map.of())
        .isEmpty();
  }

  /// A client has logged in.
  void loggedIn(Client client) {
    sessions.began(
        client.credential().isEmpty()
            ? List.of(client.login())
            : List.of(client.login(), program(client.login(), client.credential())),
        client.sessionId());
  }

  /// A client has gone.
  void left(Client client) {
    sessions.ended(client.sessionId());
  }

  /// Whether one more session may send, and a message of this size; empty when so.
  Optional<Verdict> refusal(Client client, Account account, long size) {
    for (Payer payer : payers(client, account)) {
      int most =
          payer
              .own()
              .sessions()
              .orElse(payer.sender().scope() == Scope.ACCOUNT ? accountSessions : 0);
      if (!sessions.maySend(payer.sessions(), client.sessionId(), most)) {
        return Optional.of(
            Verdict.refuse(
                Reply.of(
                    450, "4.7.1", "Too many sessions of your account, close some and try again"),
                payer.name()
                    + (payer.own().sessions().isPresent()
                        ? " has as many sessions as it may have"
                        : ": limits.account-sessions reached")));
      }
      if (size > payer.own().messageSize().orElse(Long.MAX_VALUE)) {
        return Optional.of(tooLarge(payer));
      }
    }
    return Optional.empty();
  }

  private static Verdict tooLarge(Payer payer) {
    // RFC 1870 §6.1: 552; RFC 3463 §3.4: 5.3.4, message too big for system
    return Verdict.refuse(
        Reply.of(552, "5.3.4", "The message is larger than you may send"),
        payer.name() + " may send " + payer.own().messageSize().orElseThrow() + " octets at once");
  }

  /// Takes what is sent from all that pay for it. What one of them refuses the others have paid for
  /// all the same.
  ///
  /// @param account empty for a client that has not logged in
  /// @param isTrusted a client whose network does not pay
  Verdict charge(
      Client client, Optional<Account> account, boolean isTrusted, Kind kind, long amount) {
    List<Payer> payers = new ArrayList<>();
    account.ifPresent(a -> payers.addAll(payers(client, a)));
    if (account.isEmpty() && !isTrusted) {
      payers.add(new Payer(Sender.of(client.remote().getAddress()), SendingLimits.NONE));
    }
    SendingLimits here = listeners.get(client.listener());
    if (here != null) {
      payers.add(new Payer(new Sender(Scope.LISTENER, client.listener()), here));
    }
    for (Payer payer : payers) {
      if (kind == Kind.OCTETS && amount > payer.own().messageSize().orElse(Long.MAX_VALUE)) {
        return tooLarge(payer);
      }
      Optional<Duration> wait = allowances.take(payer.sender(), kind, amount, rates(payer.own()));
      if (wait.isPresent()) {
        return tooMuch(payer, kind, wait.get());
      }
    }
    return Verdict.accept();
  }

  private static List<Payer> payers(Client client, Account account) {
    List<Payer> payers = new ArrayList<>();
    account
        .application(client.credential())
        .ifPresent(
            password ->
                payers.add(
                    new Payer(
                        new Sender(
                            Scope.PROGRAM, program(account.address().wire(), client.credential())),
                        password.limits(),
                        program(client.login(), client.credential()))));
    // Another host may have said by another of its addresses who has logged in (XCLIENT).
    payers.add(new Payer(sender(account), account.limits(), client.login()));
    return payers;
  }

  private static Map<Kind, Allowances.Rate> rates(SendingLimits limits) {
    Map<Kind, Allowances.Rate> rates = new EnumMap<>(Kind.class);
    limits.messages().ifPresent(amount -> rates.put(Kind.MESSAGES, rate(amount)));
    limits.recipients().ifPresent(amount -> rates.put(Kind.RECIPIENTS, rate(amount)));
    limits.octets().ifPresent(amount -> rates.put(Kind.OCTETS, rate(amount)));
    return rates;
  }

  private static Allowances.Rate rate(SendingLimits.Amount amount) {
    return new Allowances.Rate(amount.most(), amount.per());
  }

  private static Verdict tooMuch(Payer payer, Kind kind, Duration wait) {
    long minutes = wait.plusSeconds(59).toMinutes();
    return Verdict.refuse(
        Reply.of(
            450,
            "4.7.1",
            "Too much mail lately, try again in "
                + minutes
                + (minutes == 1 ? " minute" : " minutes")),
        payer.name() + " has used " + limit(payer, kind));
  }

  private static String limit(Payer payer, Kind kind) {
    String what = kind == Kind.OCTETS ? "data" : kind.name().toLowerCase(Locale.ROOT);
    return switch (payer.sender().scope()) {
      case ACCOUNT ->
          rates(payer.own()).containsKey(kind)
              ? "the limit of " + what + " it has of its own"
              : "limits.account-" + what;
      case PROGRAM -> "what this application password may: " + what;
      case NETWORK -> "limits.client-" + what;
      case LISTENER -> "the limit of " + what + " of this listener";
    };
  }
}
