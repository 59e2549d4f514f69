package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.depesche.queue.QueueHouse.ALICE;
import static org.depesche.queue.QueueHouse.BOB;
import static org.depesche.queue.QueueHouse.FRIEND;
import static org.depesche.queue.QueueHouse.STRANGER;
import static org.depesche.queue.QueueHouse.TEAM;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.Recipient;
import org.depesche.routing.RelayTarget;
import org.depesche.spool.RecipientState.Held;
import org.depesche.spool.RecipientState.Waiting;
import org.depesche.telemetry.MailEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A recipient with several addresses behind it: each gets the message once, and each failure is
/// told once, whatever happens while others of them wait.
class AliasTest {

  private static final Mailbox SENDER = new Mailbox("sender", "client.test");
  private static final Mailbox CARRIER = new Mailbox("carrier", "elsewhere.test");
  private static final Duration MINUTE = Duration.ofSeconds(70);
  private static final Outcome DELIVERED =
      new Outcome.Delivered("there", "250 ok", Outcome.Handover.WISH_PASSED_ON);
  private static final Outcome FULL =
      new Outcome.Deferred(Scope.RECIPIENT, Cause.of("4.2.2", "452 4.2.2 full"));
  private static final Outcome UNKNOWN =
      new Outcome.Failed(Cause.of("5.1.1", "550 5.1.1 no such user"));

  private final QueueHouse house = new QueueHouse();

  @BeforeEach
  void bobHasNoRoom() {
    house.says(BOB, FULL);
    // So that what is sent back can be looked at.
    house.says(SENDER, FULL);
  }

  /// A settlement is durable with the next write; here that is another message.
  private void restart() {
    house.receive(SENDER, CARRIER);
    house.restart();
    house.attempts.removeIf(attempt -> attempt.contains(CARRIER.wire()));
  }

  private EnvelopeId received() {
    EnvelopeId id = house.receive(SENDER, TEAM);
    assertThat(house.attempts).hasSize(2);
    house.attempts.clear();
    return id;
  }

  private void bobHasRoomAgain() {
    house.says(BOB, DELIVERED);
    house.pass(MINUTE.multipliedBy(10));
  }

  @Test
  void whatIsOverIsKeptBesideWhatWaits() {
    EnvelopeId id = received();

    assertThat(house.states(id))
        .singleElement()
        .isInstanceOfSatisfying(Waiting.class, w -> assertThat(w.done()).containsExactly(ALICE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"restart", "retry", "hold and release", "remove and restore"})
  void nobodyGetsItAgain(String what) {
    EnvelopeId id = received();

    switch (what) {
      case "restart" -> restart();
      case "retry" -> house.alter(new Verb.Retry(), id);
      case "hold and release" -> {
        house.alter(new Verb.Hold(), id);
        house.alter(new Verb.Release(), id);
      }
      default -> {
        house.alter(new Verb.Remove(), id);
        house.alter(new Verb.Restore(), id);
      }
    }
    bobHasRoomAgain();

    assertThat(house.attempts).isNotEmpty().containsOnly("local bob@here.test: bob@here.test");
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void aFailureOfOneIsNotToldAgain() {
    house.team(ALICE, BOB, FRIEND);
    house.says(FRIEND, UNKNOWN);
    EnvelopeId id = house.receive(SENDER, TEAM);
    assertThat(house.notifications()).hasSize(1);

    restart();
    bobHasRoomAgain();

    assertThat(house.attempts).filteredOn(a -> a.contains("friend")).hasSize(1);
    assertThat(house.notifications()).hasSize(1);
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void aFailureThatCouldNotBeToldIsNotOver() {
    house.team(ALICE, BOB, FRIEND);
    house.says(FRIEND, UNKNOWN);
    house.noRoom(true);
    EnvelopeId id = house.receive(SENDER, TEAM);
    house.noRoom(false);

    restart();
    bobHasRoomAgain();

    assertThat(house.attempts).filteredOn(a -> a.contains("alice")).hasSizeLessThanOrEqualTo(2);
    assertThat(house.notifications()).singleElement().asString().contains("friend@there.test");
    assertThat(house.states(id)).isEmpty();
  }

  /// The failure comes before the success that is the last.
  @Test
  void aFailureThatCouldNotBeToldDoesNotOpenWhatIsOver() {
    house.team(FRIEND, STRANGER);
    house.says(FRIEND, UNKNOWN);
    house.noRoom(true);
    EnvelopeId id = house.receive(SENDER, TEAM);
    assertThat(house.states(id))
        .singleElement()
        .isInstanceOfSatisfying(Waiting.class, w -> assertThat(w.done()).containsExactly(STRANGER));
    house.noRoom(false);

    restart();
    house.pass(MINUTE.multipliedBy(10));

    assertThat(house.attempts).filteredOn(a -> a.contains("stranger")).hasSize(1);
    assertThat(house.notifications()).singleElement().asString().contains("friend@there.test");
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void whoIsNewInAnAliasGetsItAndWhoHasItDoesNot() {
    EnvelopeId id = received();

    house.team(ALICE, FRIEND);
    bobHasRoomAgain();

    assertThat(house.attempts).containsExactly("mx there.test: friend@there.test");
    assertThat(house.states(id)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whereOneIsLeftOfTwoThatWaitItIsTriedInItsTurn(boolean rerouted) {
    house.says(ALICE, FULL);
    house.says(TEAM, FULL);
    EnvelopeId id = received();
    if (rerouted) {
      house.alter(new Verb.Reroute(RelayTarget.parse("smtp://other.test:25").orElseThrow()), id);
    }

    house.team(ALICE);
    house.pass(MINUTE.multipliedBy(10));
    house.pass(MINUTE.multipliedBy(10));

    assertThat(house.states(id)).singleElement().isInstanceOf(Waiting.class);
    assertThat(house.attempts).hasSizeLessThan(8);
    assertThat(house.events.of(MailEvent.Routed.class)).hasSizeLessThan(8);
  }

  /// Two wait, and the first to be tried finds both in the changed alias.
  @Test
  void oneThatWaitsByItselfIsNotTakenOverByAnother() {
    house.team(ALICE, BOB);
    house.says(ALICE, FULL);
    EnvelopeId id = received();

    house.team(ALICE, FRIEND);
    house.says(ALICE, DELIVERED);
    bobHasRoomAgain();

    assertThat(house.attempts)
        .containsExactlyInAnyOrder(
            "local alice@here.test: alice@here.test", "mx there.test: friend@there.test");
    assertThat(house.states(id)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whereNobodyIsLeftItIsOver(boolean restarted) {
    EnvelopeId id = received();

    house.team(ALICE);
    if (restarted) {
      restart();
    }
    house.pass(MINUTE.multipliedBy(10));

    assertThat(house.attempts).containsExactly("done: team@here.test");
    assertThat(house.states(id)).isEmpty();
    assertThat(house.counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 0));
  }

  @Test
  void anAliasThatIsGoneWaitsForItsReturn() {
    EnvelopeId id = received();

    house.team();
    restart();
    house.pass(MINUTE.multipliedBy(10));
    assertThat(house.states(id)).singleElement().isInstanceOf(Waiting.class);

    house.team(ALICE, BOB);
    house.says(BOB, DELIVERED);
    house.pass(MINUTE.multipliedBy(20));
    assertThat(house.attempts).filteredOn(a -> a.contains("alice")).isEmpty();
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void onlyThoseThatWaitGoAnotherWay() {
    EnvelopeId id = received();
    RelayTarget other = RelayTarget.parse("smtp://other.test:25").orElseThrow();

    house.alter(new Verb.Reroute(other), id);
    bobHasRoomAgain();

    assertThat(house.attempts).contains("smtp://other.test:25: bob@here.test");
    assertThat(house.attempts).filteredOn(a -> a.contains("alice") || a.contains("team")).isEmpty();
    assertThat(house.states(id)).isEmpty();
  }

  // RFC 3461 §5.2.7.3
  @Test
  void successIsToldOnceAlsoAfterARestart() {
    EnvelopeId id =
        house.receive(
            new Envelope(
                SENDER,
                List.of(
                    new Recipient(TEAM, new Notify(false, true, false, false), Optional.empty()))));
    restart();
    assertThat(house.notifications()).isEmpty();

    bobHasRoomAgain();

    assertThat(house.notifications()).singleElement().asString().contains("Action: expanded");
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void manyOfOneDestinationShareAnAttemptAndPartWaysAfterIt() {
    house.team(FRIEND, STRANGER, ALICE);
    house.says(STRANGER, FULL);
    EnvelopeId id = house.receive(SENDER, TEAM, FRIEND);

    restart();
    house.says(STRANGER, DELIVERED);
    house.pass(MINUTE.multipliedBy(10));

    assertThat(house.attempts.getLast()).isEqualTo("mx there.test: stranger@there.test");
    assertThat(house.attempts).filteredOn(a -> a.contains("alice")).hasSize(1);
    assertThat(house.states(id)).isEmpty();
  }

  @Test
  void whatWasHeldAndRemovedIsHeldWhenTakenBack() {
    EnvelopeId id = received();
    house.alter(new Verb.Hold(), id);
    house.alter(new Verb.Remove(), id);

    house.alter(new Verb.Restore(), id);

    assertThat(house.states(id)).singleElement().isInstanceOf(Held.class);
    assertThat(house.counts().held()).isEqualTo(1);
    house.alter(new Verb.Release(), id);
    bobHasRoomAgain();
    assertThat(house.states(id)).isEmpty();
  }
}
