package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.depesche.queue.QueueHouse.ALICE;
import static org.depesche.queue.QueueHouse.BOB;
import static org.depesche.queue.QueueHouse.FRIEND;
import static org.depesche.queue.QueueHouse.STRANGER;
import static org.depesche.queue.QueueHouse.TEAM;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.delivery.Cause;
import org.depesche.delivery.Outcome;
import org.depesche.delivery.Scope;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.routing.RelayTarget;
import org.depesche.spool.RecipientState.Delivered;
import org.depesche.spool.RecipientState.Discarded;
import org.depesche.spool.RecipientState.Failed;
import org.depesche.spool.RecipientState.Held;
import org.depesche.spool.RecipientState.Waiting;
import org.depesche.telemetry.MailEvent;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the queue does with a message from the commit to the end, whatever comes between.
class DispatcherTest {

  private static final Mailbox SENDER = new Mailbox("sender", "away.test");
  private static final Outcome DELIVERED =
      new Outcome.Delivered("there", "250 ok", Outcome.Handover.WISH_PASSED_ON);
  private static final Outcome FULL =
      new Outcome.Deferred(Scope.RECIPIENT, Cause.of("4.2.2", "452 4.2.2 full"));
  private static final Outcome DOWN =
      new Outcome.Deferred(Scope.DESTINATION, Cause.of("4.4.1", "nobody answers"));
  private static final Outcome UNKNOWN =
      new Outcome.Failed(Cause.of("5.1.1", "550 5.1.1 no such user"));

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final QueueHouse house = new QueueHouse();

  /// A little more than a wait, because waits are stretched by up to a tenth.
  private void pass(Duration wait) {
    house.pass(wait.plus(wait.dividedBy(8)));
  }

  /// What ends the run is heard while other things are: it must not wait for yet another.
  @Test
  @Timeout(10)
  void aStopEndsTheRunAtOnceWhenNothingIsRunning() throws InterruptedException {
    house.stop();
  }

  @Nested
  class AMessage {

    @Test
    void isDeliveredAtOnceAndLeaves() {
      EnvelopeId id = house.receive(SENDER, ALICE, FRIEND, STRANGER);

      assertThat(house.attempts)
          .containsExactlyInAnyOrder(
              "local alice@here.test: alice@here.test",
              "mx there.test: friend@there.test stranger@there.test");
      assertThat(house.states(id)).isEmpty();
      assertThat(house.counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 0));
    }

    @Test
    void isTriedAgainForThoseOnlyWhoDidNotGetIt() {
      house.says(STRANGER, FULL);
      EnvelopeId id = house.receive(SENDER, FRIEND, STRANGER);

      assertThat(house.states(id).getFirst()).isEqualTo(new Delivered());
      assertThat(house.states(id).getLast())
          .isInstanceOfSatisfying(
              Waiting.class,
              w -> {
                assertThat(w.attempts()).isEqualTo(1);
                assertThat(w.cause()).isEqualTo("452 4.2.2 full");
              });

      house.says(STRANGER, DELIVERED);
      pass(MINUTE);

      assertThat(house.attempts)
          .containsExactly(
              "mx there.test: friend@there.test stranger@there.test",
              "mx there.test: stranger@there.test");
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void isRoutedByAnAttemptWhereTheDirectoryHasToAsk() {
      house.directoryAsks(true);
      house.says(BOB, FULL);
      EnvelopeId id = house.receive(SENDER, TEAM, FRIEND);

      assertThat(house.attempts)
          .containsExactlyInAnyOrder(
              "local alice@here.test: alice@here.test",
              "local bob@here.test: bob@here.test",
              "mx there.test: friend@there.test");
      house.says(BOB, DELIVERED);
      pass(MINUTE);
      assertThat(house.attempts).hasSize(4).endsWith("local bob@here.test: bob@here.test");
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void waitsForADirectoryThatIsAway() {
      house.directoryAsks(false);
      EnvelopeId id = house.receive(SENDER, TEAM, FRIEND);

      assertThat(house.attempts).containsExactly("nowhere: team@here.test friend@there.test");
      assertThat(house.states(id)).hasSize(2).allMatch(Waiting.class::isInstance);
      pass(MINUTE);
      assertThat(house.attempts).hasSize(2);
      assertThat(house.states(id).getFirst())
          .isInstanceOfSatisfying(
              Waiting.class,
              w -> assertThat(w.cause()).isEqualTo("no answer at " + house.time.instant()));
      house.directoryAsks(true);
      pass(MINUTE.multipliedBy(10));
      assertThat(house.attempts).hasSize(5).endsWith("mx there.test: friend@there.test");
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void goesToEachLegOfAnAliasOnce() {
      house.says(BOB, FULL);
      EnvelopeId id = house.receive(SENDER, TEAM);

      assertThat(house.states(id))
          .singleElement()
          .as("not delivered while one leg waits")
          .isInstanceOf(Waiting.class);
      house.says(BOB, DELIVERED);
      pass(MINUTE);

      assertThat(house.attempts)
          .containsExactly(
              "local alice@here.test: alice@here.test",
              "local bob@here.test: bob@here.test",
              "local bob@here.test: bob@here.test");
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void isReportedAndLeavesWhenItIsRefused() {
      house.says(FRIEND, UNKNOWN);
      house.says(SENDER, FULL);
      EnvelopeId id = house.receive(SENDER, FRIEND);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.notifications())
          .singleElement()
          .asString()
          .contains("Final-Recipient: rfc822; friend@there.test\r\nAction: failed\r\n");
    }

    @Test
    void fromNobodyIsReportedToNobody() {
      house.says(FRIEND, UNKNOWN);
      EnvelopeId id = house.receive(NullPath.INSTANCE, FRIEND);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.spool.usage().messages()).isZero();
    }

    @Test
    void toAnAliasIsReportedOnceAsExpanded() {
      Outcome inTheMailbox = new Outcome.Delivered("mailbox", "stored", Outcome.Handover.FINAL);
      house.says(ALICE, inTheMailbox);
      house.says(BOB, FULL);
      house.says(SENDER, FULL);
      house.receive(wanting(TEAM, new Notify(false, true, false, false)));
      assertThat(house.notifications()).isEmpty();

      house.says(BOB, inTheMailbox);
      pass(MINUTE);

      // RFC 3461 §5.2.7.3
      assertThat(house.notifications())
          .singleElement()
          .asString()
          .contains("Final-Recipient: rfc822; team@here.test\r\nAction: expanded\r\n")
          .doesNotContain("alice@")
          .doesNotContain("bob@");
    }

    private Envelope wanting(Mailbox to, Notify notify) {
      return new Envelope(
          SENDER,
          List.of(new Recipient(to, notify, Optional.empty())),
          BodyType.SEVEN_BIT,
          false,
          Return.UNSET,
          Optional.empty());
    }

    @Test
    void isReportedAsRelayedWhenTheNextHopCannotTellOfSuccess() {
      house.says(FRIEND, new Outcome.Delivered("mx.there", "250", Outcome.Handover.WISH_LOST));
      house.says(SENDER, FULL);
      house.receive(wanting(FRIEND, new Notify(false, true, false, false)));

      // RFC 3461 §5.2.2
      assertThat(house.notifications())
          .singleElement()
          .asString()
          .contains("Action: relayed\r\n")
          .contains("Remote-MTA: dns; mx.there");
    }
  }

  @Nested
  class ASenderWhoWaits {

    @Test
    void hearsOnceThatItTakesLonger() {
      house.says(FRIEND, FULL);
      house.says(SENDER, FULL);
      house.receive(SENDER, FRIEND);

      house.pass(Duration.ofHours(3).plusMinutes(59));
      assertThat(house.notifications()).isEmpty();
      house.pass(MINUTE.plusSeconds(1));
      assertThat(house.notifications()).singleElement().asString().contains("Action: delayed\r\n");
      house.pass(Duration.ofHours(12));
      house.pass(Duration.ofHours(12));

      assertThat(house.notifications()).hasSize(1);
    }

    @Test
    void hearsInTimeOfADestinationThatIsDead() {
      house.says(FRIEND, DOWN);
      house.says(SENDER, FULL);
      EnvelopeId first = house.receive(SENDER, FRIEND);
      house.pass(Duration.ofHours(47));
      house.says(STRANGER, DOWN);
      EnvelopeId second = house.receive(SENDER, STRANGER);
      int asked = house.attempts.size();
      house.pass(Duration.ofHours(1).plusMinutes(11));

      assertThat(house.states(first)).as("its two days are over").isEmpty();
      assertThat(house.states(second))
          .singleElement()
          .isInstanceOfSatisfying(
              Waiting.class, w -> assertThat(w.cause()).isEqualTo("nobody answers"));
      assertThat(house.notifications())
          .anySatisfy(
              text ->
                  assertThat(text)
                      .contains("Final-Recipient: rfc822; friend@there.test\r\nAction: failed\r\n")
                      .contains("Status: 4.4.7\r\n"));
      assertThat(house.attempts).as("asked a few times only").hasSizeLessThan(asked + 10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isToldOfAFailureEvenWhenTheDiskIsFullAtFirst(boolean atTheEnd) {
      house.says(FRIEND, UNKNOWN);
      house.says(SENDER, FULL);
      house.noRoom(!atTheEnd);
      house.noRoomAtTheEnd(atTheEnd);
      EnvelopeId id = house.receive(SENDER, FRIEND);

      assertThat(house.states(id)).singleElement().isInstanceOf(Waiting.class);
      assertThat(house.notifications()).isEmpty();
      assertThat(house.counts().messages()).isEqualTo(1);

      house.noRoom(false);
      house.noRoomAtTheEnd(false);
      house.pass(MINUTE);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.notifications()).hasSize(1);
    }

    @Test
    void isToldOfAFailureWhenWhatBrokeTheTellingIsMended() throws InterruptedException {
      house.says(FRIEND, UNKNOWN);
      house.says(SENDER, FULL);
      house.tellingBreaks(true);
      EnvelopeId id = house.receive(SENDER, FRIEND);

      assertThat(house.states(id)).singleElement().isInstanceOf(Waiting.class);
      house.tellingBreaks(false);
      house.pass(MINUTE);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.notifications()).hasSize(1);
      house.stop();
    }

    @Test
    void hearsOfEveryRecipientOnceAlthoughTheDiskWasFull() {
      house.says(FRIEND, UNKNOWN);
      house.says(SENDER, FULL);
      house.noRoom(true);
      EnvelopeId id = house.receive(SENDER, FRIEND, STRANGER, ALICE);
      house.pass(MINUTE);
      house.noRoom(false);
      house.pass(MINUTE);
      house.pass(MINUTE);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.notifications()).hasSize(1);
      assertThat(house.attempts)
          .filteredOn(line -> line.contains("stranger@") || line.contains("alice@"))
          .as("those who have it are not bothered again")
          .hasSize(2);
    }
  }

  @Nested
  class ARestart {

    /// A settlement is durable with the next write; this is one, of a message that stays.
    private void carry() {
      house.says(ALICE, FULL);
      house.receive(SENDER, ALICE);
    }

    @Test
    void goesOnWhereItWas() {
      house.says(STRANGER, FULL);
      EnvelopeId id = house.receive(SENDER, FRIEND, STRANGER);
      house.pass(Duration.ofSeconds(70));
      carry();
      var before = house.states(id);
      house.attempts.clear();

      house.restart();

      assertThat(house.states(id)).isEqualTo(before);
      assertThat(before.getLast())
          .isInstanceOfSatisfying(Waiting.class, w -> assertThat(w.attempts()).isEqualTo(2));
      assertThat(house.attempts).as("not due yet").noneMatch(line -> line.contains("stranger"));
      pass(Duration.ofMinutes(10));
      assertThat(house.attempts).contains("mx there.test: stranger@there.test");
    }

    /// RFC 1047: nobody can know whether the other server has it.
    @Test
    void saysOfWhichMessagesThereMayBeTwo() {
      house.killedBy(FRIEND);
      assertThatThrownBy(() -> house.receive(SENDER, FRIEND)).isInstanceOf(QueueHouse.Killed.class);

      house.restart();
      carry();
      house.restart();

      assertThat(house.attempts)
          .as("handed on again")
          .filteredOn(line -> line.contains("friend"))
          .hasSize(2);
      assertThat(house.events.of(MailEvent.InDoubt.class))
          .as("once: the second process had its answer")
          .extracting(MailEvent.InDoubt::to)
          .containsExactly("mx.there.test");
    }

    @Test
    void isInNoDoubtAboutWhatHasHadItsAnswer() {
      house.says(FRIEND, FULL);
      house.receive(SENDER, FRIEND, STRANGER);
      carry();

      house.restart();

      assertThat(house.events.of(MailEvent.InDoubt.class)).isEmpty();
    }

    @Test
    void keepsWhatAnOperatorHasDone() {
      house.says(FRIEND, FULL);
      EnvelopeId held = house.receive(SENDER, FRIEND);
      EnvelopeId removed = house.receive(SENDER, FRIEND);
      EnvelopeId rerouted = house.receive(SENDER, FRIEND);
      house.alter(new Verb.Hold(), held);
      house.alter(new Verb.Remove(), removed);
      house.alter(new Verb.Reroute(RelayTarget.parse("smtp://other.test").orElseThrow()), rerouted);
      carry();
      house.attempts.clear();

      house.restart();
      pass(Duration.ofMinutes(10));

      assertThat(house.states(held)).singleElement().isInstanceOf(Held.class);
      assertThat(house.states(removed)).singleElement().isInstanceOf(Discarded.class);
      assertThat(house.attempts)
          .filteredOn(line -> line.contains("friend"))
          .containsOnly("smtp://other.test:25: friend@there.test");
      house.pass(Duration.ofHours(1));
      assertThat(house.states(removed)).as("gone for good").isEmpty();
    }
  }

  @Nested
  class AnOperator {

    private EnvelopeId waiting() {
      house.says(FRIEND, FULL);
      EnvelopeId id = house.receive(SENDER, FRIEND);
      house.attempts.clear();
      return id;
    }

    @Test
    void holdsAndReleases() {
      EnvelopeId id = waiting();
      assertThat(house.alter(new Verb.Hold(), id)).isEqualTo(new Altered(1, 1, 0, 0));
      assertThat(house.counts().held()).isEqualTo(1);
      pass(Duration.ofHours(1));
      assertThat(house.attempts).isEmpty();

      house.says(FRIEND, DELIVERED);
      assertThat(house.alter(new Verb.Release(), id)).isEqualTo(new Altered(1, 1, 0, 0));

      assertThat(house.attempts).hasSize(1);
      assertThat(house.counts().held()).isZero();
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void triesAtOnce() {
      house.says(FRIEND, DOWN);
      EnvelopeId id = house.receive(SENDER, FRIEND);
      house.attempts.clear();
      house.says(FRIEND, DELIVERED);

      house.alter(new Verb.Retry(), id);

      assertThat(house.attempts).as("although the destination was held back").hasSize(1);
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void bouncesWithAReason() {
      EnvelopeId id = waiting();
      house.says(SENDER, FULL);

      house.alter(new Verb.Bounce("This domain has moved."), id);

      assertThat(house.states(id)).isEmpty();
      assertThat(house.notifications())
          .singleElement()
          .asString()
          .contains("This domain has moved.")
          .contains("Action: failed\r\n");
    }

    @Test
    void losesNothingByABounceThatCannotBeWritten() {
      EnvelopeId id = waiting();
      house.noRoom(true);

      Altered altered = house.alter(new Verb.Bounce("no"), id);

      assertThat(altered).isEqualTo(new Altered(0, 0, 0, 1));
      assertThat(house.states(id)).singleElement().isInstanceOf(Waiting.class);
      house.says(FRIEND, DELIVERED);
      pass(MINUTE);
      assertThat(house.states(id)).isEmpty();
    }

    @Test
    void removesForGoodAfterAnHour() {
      EnvelopeId id = waiting();
      house.alter(new Verb.Remove(), id);
      house.pass(Duration.ofMinutes(59));
      assertThat(house.states(id)).singleElement().isInstanceOf(Discarded.class);

      house.pass(Duration.ofMinutes(2));

      assertThat(house.states(id)).isEmpty();
      assertThat(house.attempts).isEmpty();
      assertThat(house.notifications()).isEmpty();
    }

    @Test
    void takesBackWhatWasRemoved() {
      EnvelopeId id = waiting();
      house.alter(new Verb.Remove(), id);
      house.pass(Duration.ofMinutes(59));
      house.says(FRIEND, DELIVERED);

      house.alter(new Verb.Restore(), id);

      assertThat(house.attempts).hasSize(1);
      assertThat(house.states(id)).isEmpty();
      house.pass(Duration.ofHours(2));
      assertThat(house.counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 0));
    }

    @Test
    void sendsAnotherWayAndBack() {
      EnvelopeId id = waiting();
      house.alter(new Verb.Reroute(RelayTarget.parse("smtp://other.test").orElseThrow()), id);
      assertThat(house.attempts).containsExactly("smtp://other.test:25: friend@there.test");

      house.alter(new Verb.Unroute(), id);

      assertThat(house.attempts).last().isEqualTo("mx there.test: friend@there.test");
    }

    @Test
    void changesNothingAboutWhatIsOver() {
      EnvelopeId id = house.receive(SENDER, FRIEND);

      assertThat(house.alter(new Verb.Bounce("late"), id)).isEqualTo(Altered.NOTHING);
      assertThat(house.notifications()).isEmpty();
    }

    @Test
    void changesSomeRecipientsAndLeavesTheOthers() {
      house.says(FRIEND, FULL);
      house.says(BOB, FULL);
      house.says(ALICE, UNKNOWN);
      house.says(SENDER, FULL);
      EnvelopeId id = house.receive(SENDER, FRIEND, ALICE, BOB);

      house.alter(new Verb.Hold(), id);

      assertThat(house.states(id))
          .satisfiesExactly(
              state -> assertThat(state).isInstanceOf(Held.class),
              state -> assertThat(state).isInstanceOf(Failed.class),
              state -> assertThat(state).isInstanceOf(Held.class));
      assertThat(house.notifications()).hasSize(1);
    }
  }

  /// The clock was ahead by a month when mail was put off, and is set right, at a start or
  /// meanwhile.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingWaitsForATimeThatWasNeverRight(boolean restarted) {
    house.pass(Duration.ofDays(30));
    house.says(FRIEND, DOWN);
    EnvelopeId id = house.receive(SENDER, FRIEND);
    house.time.advance(Duration.ofDays(-30));
    if (restarted) {
      house.receive(SENDER, ALICE);
      house.restart();
    }
    house.run();

    house.says(FRIEND, DELIVERED);
    house.receive(SENDER, STRANGER);
    house.pass(Duration.ofMinutes(15));

    assertThat(house.states(id)).isEmpty();
    assertThat(house.attempts).anyMatch(line -> line.contains("stranger"));
  }

  @Test
  void aDestinationThatIsDownIsAskedByOneMessageOnly() {
    house.says(FRIEND, DOWN);
    for (int i = 0; i < 20; i++) {
      house.receive(SENDER, FRIEND);
    }
    assertThat(house.attempts).as("the first finds out").hasSize(1);
    pass(MINUTE);
    assertThat(house.attempts).as("a probe").hasSize(2);

    house.says(FRIEND, DELIVERED);
    pass(Duration.ofMinutes(10));
    pass(MINUTE);

    assertThat(house.counts().messages()).isZero();
    assertThat(house.attempts).hasSize(22);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAttemptBreaksOnlyItself(boolean ofStack) {
    Instant start = house.time.instant();
    if (ofStack) {
      house.descends(FRIEND);
    } else {
      house.breaks(FRIEND);
    }
    EnvelopeId id = house.receive(SENDER, FRIEND);
    EnvelopeId other = house.receive(SENDER, STRANGER);

    assertThat(house.states(other)).isEmpty();
    assertThat(house.states(id))
        .singleElement()
        .isInstanceOfSatisfying(
            Waiting.class,
            w -> {
              assertThat(w.cause()).contains("the attempt broke");
              assertThat(w.next()).isAfter(start);
            });
  }

  @Test
  void aDirectoryThatBreaksHoldsAMessageUpAndNoLonger() {
    house.says(FRIEND, FULL);
    EnvelopeId id = house.receive(SENDER, FRIEND);
    house.directoryBreaks(true);
    pass(Duration.ofMinutes(1));
    assertThat(house.events.last(MailEvent.Waiting.class).reason()).contains("the attempt broke");

    house.directoryBreaks(false);
    house.says(FRIEND, new Outcome.Delivered("mx", "250 ok", Outcome.Handover.WISH_PASSED_ON));
    pass(Duration.ofMinutes(10));

    assertThat(house.states(id)).as("delivered").isEmpty();
  }
}
