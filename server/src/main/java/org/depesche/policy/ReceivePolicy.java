package org.depesche.policy;

import java.net.InetAddress;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.depesche.directory.Account;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.directory.UnavailableException;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.limits.ConnectionGate.Admission;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.smtp.AddressParser;
import org.depesche.smtp.server.Client;

/// What is checked before a message from the world is taken: one method a phase, in the order of a
/// session. This file is the whole order; settings change limits, never the order.
public final class ReceivePolicy {

  private static final Verdict TOO_MANY =
      Verdict.refuse(
          Reply.of(421, "4.3.2", "Too many connections, try again later"),
          "limits.connections reached");
  private static final Verdict TOO_MANY_OF_CLIENT =
      Verdict.refuse(
          Reply.of(421, "4.7.0", "Too many connections from your network, try again later"),
          "limits.connections-per-client reached");
  private static final Verdict TOO_OFTEN =
      Verdict.refuse(
          Reply.of(421, "4.7.0", "Too many connections from your network lately, try again later"),
          "limits.client-connections reached");
  private static final Reply UNAVAILABLE =
      Reply.of(451, "4.3.0", "Cannot check this recipient now, try again later");

  /// For those who have logged in while it cannot be said who they are.
  public static final Reply ACCOUNT_UNAVAILABLE =
      Reply.of(451, "4.3.0", "Cannot check your account now, try again later");

  private final ConnectionGate gate;
  private final Directory directory;
  private final SenderLimits limits;
  private final Room room;
  private volatile RelayRules relay;
  private volatile Predicate<InetAddress> spokesmen = _ -> false;

  /// What is in mailboxes that have a quota.
  public interface Room {

    /// Octets in a mailbox; zero when it cannot be said.
    long used(Mailbox mailbox, long quota);
  }

  public ReceivePolicy(
      ConnectionGate gate, Directory directory, RelayRules relay, SenderLimits limits, Room room) {
    this.gate = gate;
    this.room = room;
    this.directory = directory;
    this.relay = relay;
    this.limits = limits;
  }

  /// Changes what is relayed from now on.
  public void relay(RelayRules changed) {
    relay = changed;
  }

  /// Changes who speaks for others from now on: how often such hosts connect is not theirs to
  /// answer for.
  public void spokesmen(Predicate<InetAddress> changed) {
    spokesmen = changed;
  }

  /// A client has connected; what it is granted ends with `left`.
  public Verdict connected(Client client) {
    InetAddress from = client.remote().getAddress();
    if (!relay.trusts(from)
        && !spokesmen.test(from)
        && !client.isOfThisMachine()
        && !limits.mayConnect(client)) {
      return TOO_OFTEN;
    }
    Admission admission = gate.enter(from);
    return switch (admission) {
      case ADMITTED -> Verdict.accept();
      case TOO_MANY -> TOO_MANY;
      case TOO_MANY_OF_CLIENT -> TOO_MANY_OF_CLIENT;
    };
  }

  /// A client has logged in.
  public void loggedIn(Client client) {
    limits.loggedIn(client);
  }

  /// An admitted client has gone.
  public void left(Client client) {
    limits.left(client);
    gate.leave(client.remote().getAddress());
  }

  /// The account a client has logged in to; empty when it has not, or when the account has gone
  /// since, or must not send any more.
  ///
  /// @throws UnavailableException when it cannot be said now
  public Optional<Account> account(Client client) throws UnavailableException {
    Optional<Mailbox> address =
        client.login().isEmpty()
            ? Optional.empty()
            : AddressParser.parseMailbox(client.login(), true);
    return address.isEmpty()
        ? Optional.empty()
        : directory
            .account(address.get())
            .filter(account -> !account.isDisabled())
            // An application password that was taken away ends what it has begun.
            .filter(
                account ->
                    client.credential().isEmpty()
                        || account.application(client.credential()).isPresent());
  }

  /// Those who have logged in send as who they are, or as somebody they may send as: submission
  /// rights (RFC 6409 §6.1).
  ///
  /// @param size octets of the message as the client has declared them; 0 when it has not
  public Verdict sender(Client client, Envelope envelope, long size) {
    if (client.login().isEmpty()) {
      return Verdict.accept();
    }
    try {
      return loggedIn(client, envelope, size);
    } catch (UnavailableException e) {
      return Verdict.refuse(ACCOUNT_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private Verdict loggedIn(Client client, Envelope envelope, long size)
      throws UnavailableException {
    Optional<Account> account = account(client);
    if (account.isEmpty()) {
      return Verdict.refuse(
          Reply.of(535, "5.7.8", "Authentication credentials invalid"),
          "account or password of " + client.login() + " has gone or is disabled");
    }
    Optional<Verdict> refusal = limits.refusal(client, account.get(), size);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    return envelope.sender() instanceof Mailbox sender && !maySendAs(account.get(), sender)
        ? Verdict.refuse(
            Reply.of(553, "5.7.1", "You may not send as " + sender.wire()),
            account.get().address() + " may not send as " + sender)
        : Verdict.accept();
  }

  /// Whether mail may be from this address when this account sends it.
  ///
  /// @throws UnavailableException when it cannot be said now
  public boolean maySendAs(Account account, Mailbox sender) throws UnavailableException {
    return account.maySendAs(sender) || account.maySendAs(directory.canonical(sender));
  }

  /// Takes what a message, a recipient or content costs from who sends it: the account, or the
  /// network of a client without one. What is refused later is paid for all the same.
  public Verdict charge(Client client, Allowances.Kind kind, long amount) {
    try {
      return limits.charge(client, account(client), isTrusted(client), kind, amount);
    } catch (UnavailableException e) {
      return Verdict.refuse(ACCOUNT_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /// Servers before us, and clients that may send anything to anywhere.
  private boolean isTrusted(Client client) {
    return client.protocol().contains("LMTP")
        || relay.trusts(client.remote().getAddress())
        || relay.knows(client);
  }

  /// Whether a client may send to anywhere because of who it has shown to be: by logging in, or by
  /// the certificate of a partner.
  public boolean hasShownItself(Client client) {
    return !client.login().isEmpty() || relay.knows(client);
  }

  /// No open relay: mail from strangers goes to mailboxes of this server and to domains it relays
  /// for, and nowhere else.
  ///
  /// @param loggedIn whether the client may send to anywhere because it has logged in
  public Verdict recipient(
      InetAddress client, boolean loggedIn, Envelope envelope, Recipient recipient) {
    Mailbox address = recipient.address();
    return switch (directory.resolve(address)) {
      case Resolution.Found(var accounts, var elsewhere) ->
          accounts.size() == 1 && elsewhere.isEmpty()
              ? withinQuota(accounts.getFirst())
              : Verdict.accept();
      case Resolution.Unknown _ ->
          Verdict.refuse(
              Reply.of(550, "5.1.1", "No such mailbox here"),
              "no account, alias or catch-all for " + address);
      case Resolution.Disabled(var account) ->
          Verdict.refuse(
              Reply.of(550, "5.2.1", "This mailbox takes no mail at present"),
              account + " is disabled");
      case Resolution.Foreign _ -> loggedIn ? Verdict.accept() : relayed(client, address);
      case Resolution.Unavailable(var reason) -> Verdict.refuse(UNAVAILABLE, reason);
    };
  }

  /// Of an alias some may have room: that is seen at delivery.
  private Verdict withinQuota(Mailbox mailbox) {
    try {
      OptionalLong quota = directory.quota(mailbox);
      // RFC 3463 §3.3: 4.2.2, mailbox full
      return quota.isPresent() && room.used(mailbox, quota.getAsLong()) >= quota.getAsLong()
          ? Verdict.refuse(
              Reply.of(452, "4.2.2", "Mailbox full, try again later"),
              mailbox + " has used its quota of " + quota.getAsLong())
          : Verdict.accept();
    } catch (UnavailableException e) {
      return Verdict.refuse(UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /// Whether a message is larger than the only mailbox it is for may ever be.
  public boolean fitsNowhere(Envelope envelope, long size) {
    if (envelope.recipients().size() != 1
        || !(directory.resolve(envelope.recipients().getFirst().address())
            instanceof Resolution.Found(var accounts, var elsewhere))
        || accounts.size() != 1
        || !elsewhere.isEmpty()) {
      return false;
    }
    try {
      OptionalLong quota = directory.quota(accounts.getFirst());
      return quota.isPresent() && size > quota.getAsLong();
    } catch (UnavailableException _) {
      // Delivery will see.
      return false;
    }
  }

  private Verdict relayed(InetAddress client, Mailbox address) {
    return switch (relay.answer(client, address)) {
      case YES -> Verdict.accept();
      case NO_SUCH_ADDRESS ->
          Verdict.refuse(
              Reply.of(550, "5.1.1", "No such mailbox there"),
              "[[relay-domain]] " + address.host() + " lists its recipients, and not " + address);
      case ROUTED_ADDRESS ->
          Verdict.refuse(
              Reply.of(550, "5.7.1", "Relaying is not permitted"),
              "a local part with %, ! or @ to a relay domain");
      case NO ->
          Verdict.refuse(
              Reply.of(550, "5.7.1", "Relaying is not permitted"),
              client.getHostAddress()
                  + " is in none of relay.networks, and no [[domain]] or [[relay-domain]] is named "
                  + address.host().wire());
    };
  }

  /// Whether mail for one of the recipients has already been delivered into its mailbox once, as
  /// its Delivered-To fields say.
  public boolean isLoop(Envelope envelope, Collection<String> deliveredTo) {
    Set<String> marks = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    marks.addAll(deliveredTo);
    // Each recipient is looked up once at most, however many fields somebody has written: the
    // directory may be another server.
    return !marks.isEmpty()
        && envelope.recipients().stream()
            .anyMatch(
                recipient ->
                    directory.resolve(recipient.address())
                            instanceof Resolution.Found(var accounts, _)
                        && accounts.stream().anyMatch(account -> marks.contains(account.wire())));
  }
}
