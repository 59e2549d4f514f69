package org.depesche.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.depesche.directory.Account;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.SendingLimits;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.Allowances;
import org.depesche.limits.Allowances.Kind;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Verdict;
import org.depesche.smtp.server.Client;
import org.junit.jupiter.api.Test;

/// Who pays for what is sent, and what each may.
class SenderLimitsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final SenderLimits limits =
      new SenderLimits(
          new Allowances(
              new Allowances.Limits(
                  Map.of(Kind.MESSAGES, new Allowances.Rate(3, Duration.ofHours(1))),
                  Map.of(Kind.MESSAGES, new Allowances.Rate(1, Duration.ofHours(1)))),
              () -> NOW),
          new AccountSessions(),
          2,
          Map.of("small", messages(4)));

  private static SendingLimits messages(long most) {
    return SendingLimits.NONE.withMessages(
        Optional.of(new SendingLimits.Amount(most, Duration.ofHours(1))));
  }

  private static Client client(String session, String listener) {
    return new Client(
        session,
        listener,
        new InetSocketAddress("192.0.2.1", 5000),
        new InetSocketAddress("192.0.2.2", 587),
        NOW);
  }

  private static Account account(String name) {
    return Account.of(new Mailbox(name, "example.org"));
  }

  private String send(Client client, Optional<Account> account, boolean trusted) {
    return reason(limits.charge(client, account, trusted, Kind.MESSAGES, 1));
  }

  private static String reason(Verdict verdict) {
    return verdict instanceof Verdict.Refuse(var reply, var reason)
        ? reply.code() + " " + reason
        : "taken";
  }

  @Test
  void anAccountHasWhatAllHaveUnlessItHasItsOwn() {
    Client client = client("1", "large");
    Optional<Account> usual = Optional.of(account("ann"));
    Optional<Account> own = Optional.of(account("ben").withLimits(messages(1)));

    assertThat(
            List.of(
                send(client, usual, false), send(client, usual, false), send(client, usual, false)))
        .containsOnly("taken");
    assertThat(send(client, usual, false))
        .isEqualTo("450 ann@example.org has used limits.account-messages");
    assertThat(send(client, own, false)).isEqualTo("taken");
    assertThat(send(client, own, false))
        .isEqualTo("450 ben@example.org has used the limit of messages it has of its own");
    assertThat(limits.uses(own.orElseThrow()))
        .extracting(use -> use.used() + " of " + use.of().amount())
        .containsExactly("1 of 1");
  }

  @Test
  void aProgramPaysBesideItsAccount() {
    ApplicationPassword crm = ApplicationPassword.of("crm", "secret", NOW, messages(2));
    Account account = account("ann").withApplications(List.of(crm));
    Client program = client("1", "large").authenticated("ann@example.org", "crm");
    Client person = client("2", "large").authenticated("ann@example.org");

    assertThat(send(program, Optional.of(account), false)).isEqualTo("taken");
    assertThat(send(program, Optional.of(account), false)).isEqualTo("taken");
    assertThat(send(program, Optional.of(account), false))
        .isEqualTo("450 ann@example.org crm has used what this application password may: messages");
    assertThat(send(person, Optional.of(account), false)).isEqualTo("taken");
    assertThat(send(person, Optional.of(account), false))
        .isEqualTo("450 ann@example.org has used limits.account-messages");
    assertThat(limits.uses(account))
        .extracting(use -> use.sender().name() + ": " + use.used() + " of " + use.of().amount())
        .containsExactly("ann@example.org: 3 of 3", "ann@example.org crm: 2 of 2");
  }

  @Test
  void aListenerCountsAllThatComes() {
    Client client = client("1", "small");
    assertThat(send(client, Optional.of(account("ann")), false)).isEqualTo("taken");
    assertThat(send(client, Optional.empty(), false)).isEqualTo("taken");
    assertThat(send(client, Optional.empty(), true)).as("trusted").isEqualTo("taken");
    assertThat(send(client, Optional.of(account("ben")), false)).isEqualTo("taken");
    assertThat(send(client, Optional.of(account("cy")), true))
        .isEqualTo("450 small has used the limit of messages of this listener");
    assertThat(send(client("2", "large"), Optional.of(account("cy")), true)).isEqualTo("taken");
  }

  @Test
  void aStrangerPaysForHisNetworkAndWhoIsTrustedDoesNot() {
    Client client = client("1", "large");
    assertThat(send(client, Optional.empty(), true)).isEqualTo("taken");
    assertThat(send(client, Optional.empty(), false)).isEqualTo("taken");
    assertThat(send(client, Optional.empty(), false))
        .isEqualTo("450 192.0.2.1 has used limits.client-messages");
    assertThat(send(client, Optional.empty(), true)).isEqualTo("taken");
  }

  @Test
  void sessionsAreCountedForAccountAndProgram() {
    Account account =
        account("ann")
            .withApplications(
                List.of(
                    ApplicationPassword.of(
                        "crm", "x", NOW, SendingLimits.NONE.withSessions(OptionalInt.of(1)))));
    Client first = client("1", "l").authenticated("ann@example.org", "crm");
    Client second = client("2", "l").authenticated("ann@example.org", "crm");
    Client third = client("3", "l").authenticated("ann@example.org");
    limits.loggedIn(first);
    limits.loggedIn(second);
    limits.loggedIn(third);

    assertThat(limits.refusal(first, account, -1)).isEmpty();
    assertThat(reason(limits.refusal(second, account, -1).orElseThrow()))
        .isEqualTo("450 ann@example.org crm has as many sessions as it may have");
    assertThat(reason(limits.refusal(third, account, -1).orElseThrow()))
        .isEqualTo("450 ann@example.org: limits.account-sessions reached");
    Account larger = account.withLimits(SendingLimits.NONE.withSessions(OptionalInt.of(3)));
    assertThat(limits.refusal(third, larger, -1)).isEmpty();
    limits.left(first);
    assertThat(limits.refusal(second, account, -1)).isEmpty();
    assertThat(limits.refusal(third, account, -1)).isEmpty();
  }

  @Test
  void sessionsOfWhoIsKnownByAnotherAddressAreCountedToo() {
    Account account = account("ann").withLimits(SendingLimits.NONE.withSessions(OptionalInt.of(1)));
    Client first = client("1", "l").authenticated("alias@example.org");
    Client second = client("2", "l").authenticated("alias@example.org");
    limits.loggedIn(first);
    limits.loggedIn(second);

    assertThat(limits.refusal(first, account, -1)).isEmpty();
    assertThat(limits.refusal(second, account, -1)).isNotEmpty();
  }

  @Test
  void aMessageIsMeasuredWhenItIsDeclaredAndWhenItIsThere() {
    Client client = client("1", "l").authenticated("ann@example.org");
    limits.loggedIn(client);
    Account account =
        account("ann").withLimits(SendingLimits.NONE.withMessageSize(OptionalLong.of(1000)));

    assertThat(limits.refusal(client, account, 1000)).isEmpty();
    assertThat(reason(limits.refusal(client, account, 1001).orElseThrow()))
        .isEqualTo("552 ann@example.org may send 1000 octets at once");
    assertThat(reason(limits.charge(client, Optional.of(account), false, Kind.OCTETS, 1001)))
        .isEqualTo("552 ann@example.org may send 1000 octets at once");
    assertThat(reason(limits.charge(client, Optional.of(account), false, Kind.OCTETS, 1000)))
        .isEqualTo("taken");
  }
}
