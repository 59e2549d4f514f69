package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.junit.jupiter.api.Test;

class SchedulerTest {

  private final Scheduler scheduler =
      new Scheduler(_ -> new DestinationQueue.Concurrency(2, 2), 10, 10);
  private long ids = 1;

  private Item item(String user, long due) {
    Route route = new Route.Local(new Mailbox(user, "example.org"));
    return item(new QueuedMessage(ids, 0, (int) ids++), route, due);
  }

  private static Item item(QueuedMessage message, Route route, long due) {
    Recipient recipient = new Recipient(new Mailbox("r", "example.org"));
    return Item.of(
        message, route, List.of(new Leg(0, recipient.address())), Map.of(0, recipient), 0, due);
  }

  private Item inserted(String user, long due) {
    Item item = item(user, due);
    scheduler.insert(item);
    return item;
  }

  @Test
  void givesWhatIsDueAndNothingEarlier() {
    Item now = inserted("a", 100);
    inserted("b", 200);

    assertThat(scheduler.takeDue(99, 10)).isEmpty();
    assertThat(scheduler.takeDue(100, 10)).containsExactly(now);
    assertThat(scheduler.nextWake()).hasValue(200);
  }

  @Test
  void givesTheOldestOfASenderFirst() {
    Item late = of(1, MX, 50);
    Item early = of(1, MX, 10);
    scheduler.insert(late);
    scheduler.insert(early);

    assertThat(scheduler.takeDue(100, 1)).containsExactly(early);
    assertThat(scheduler.takeDue(100, 1)).containsExactly(late);
  }

  private static final Route MX = new Route.Mx(new Domain("example.net"));

  private Item of(int sender, Route route, long due) {
    return item(new QueuedMessage(ids++, 0, sender), route, due);
  }

  @Test
  void aMailingToOneDestinationDoesNotHoldUpASingleMessageToIt() {
    for (int i = 0; i < 1000; i++) {
      scheduler.insert(of(1, MX, 0));
    }
    Item single = of(2, MX, 0);
    scheduler.insert(single);

    assertThat(scheduler.takeDue(0, 2)).contains(single);
  }

  @Test
  void aMailingToManyDestinationsDoesNotHoldUpASingleMessage() {
    Scheduler many = new Scheduler(_ -> new DestinationQueue.Concurrency(2, 2), 10, 100);
    for (int i = 0; i < 1000; i++) {
      many.insert(of(1, new Route.Mx(new Domain("d" + i + ".example")), 0));
    }
    assertThat(many.takeDue(0, 3)).hasSize(3);
    Item toOneOfThem = of(2, new Route.Mx(new Domain("d999.example")), 0);
    Item toAnother = of(3, new Route.Mx(new Domain("other.example")), 0);
    many.insert(toOneOfThem);
    many.insert(toAnother);

    assertThat(many.takeDue(0, 4)).contains(toOneOfThem, toAnother);
  }

  @Test
  void serversThatKeepUsWaitingHoldUpNeitherMailboxesNorServersThatAnswer() {
    Route known = new Route.Mx(new Domain("known.example"));
    Item first = of(1, known, 0);
    scheduler.insert(first);
    Item waitingForMore = of(1, known, 0);
    scheduler.insert(waitingForMore);
    scheduler.takeDue(0, 10);
    scheduler.answered(known, 0, true);
    scheduler.completed(first);
    for (int i = 0; i < 50; i++) {
      scheduler.insert(of(1, new Route.Mx(new Domain("slow" + i + ".example")), 0));
    }
    // Half of ten for servers nothing is known of; one of them is taken by the one above.
    assertThat(scheduler.takeDue(0, 100)).hasSize(4);

    Item toKnown = of(2, known, 0);
    scheduler.insert(toKnown);
    Item toMailbox = inserted("alice", 0);

    assertThat(scheduler.takeDue(0, 100)).containsExactlyInAnyOrder(toKnown, toMailbox);
  }

  @Test
  void aDestinationThatTakesMessagesGetsMoreAtOnceAndOneThatFailsBeginsAnew() {
    Scheduler growing = new Scheduler(_ -> new DestinationQueue.Concurrency(1, 3), 10, 100);
    for (int i = 0; i < 20; i++) {
      growing.insert(of(1, MX, 0));
    }
    List<Item> running = new ArrayList<>(growing.takeDue(0, 10));
    List<Integer> atOnce = new ArrayList<>(List.of(running.size()));
    for (int i = 0; i < 3; i++) {
      growing.answered(MX, 0, true);
      growing.completed(running.removeFirst());
      running.addAll(growing.takeDue(0, 10));
      atOnce.add(running.size());
    }
    assertThat(atOnce).containsExactly(1, 2, 3, 3);

    growing.failed(MX, 0, "down");
    running.forEach(growing::completed);

    assertThat(growing.takeDue(0, 10)).hasSize(1);
  }

  @Test
  void aSuspendedDestinationWaitsUntilResumed() {
    Item item = of(1, MX, 0);
    scheduler.insert(item);
    scheduler.suspend(route -> route.equals(MX));

    assertThat(scheduler.takeDue(1000, 10)).isEmpty();
    assertThat(scheduler.nextWake()).isEmpty();

    scheduler.suspend(_ -> false);
    assertThat(scheduler.takeDue(1000, 10)).containsExactly(item);
  }

  @Test
  void whatIsOverdueIsFoundAlthoughItsDestinationTakesNothing() {
    Item overdue = of(1, MX, 0);
    overdue.deadlineMillis = 500;
    Item inTime = of(1, MX, 0);
    inTime.deadlineMillis = 5000;
    scheduler.insert(overdue);
    scheduler.insert(inTime);
    scheduler.failed(MX, 600, "down");
    scheduler.holdBack(MX, 10_000);

    assertThat(scheduler.takeOverdue(MX, 600)).containsExactly(overdue);
    assertThat(scheduler.size()).isEqualTo(1);
    assertThat(scheduler.running()).isEqualTo(1);
    scheduler.completed(overdue);
    assertThat(scheduler.running()).isZero();
  }

  @Test
  void whatIsTakenOutIsGoneWhereverItWaited() {
    Item due = of(1, MX, 0);
    Item later = of(2, MX, 5000);
    scheduler.insert(due);
    scheduler.insert(later);
    scheduler.takeDue(0, 0);

    assertThat(scheduler.remove(_ -> true)).containsExactlyInAnyOrder(due, later);
    assertThat(scheduler.takeDue(10_000, 10)).isEmpty();
    assertThat(scheduler.destinations()).isZero();
  }

  @Test
  void runsNoMoreOfADestinationThanItsSlots() {
    inserted("a", 0);
    inserted("a", 0);
    Item third = inserted("a", 0);

    List<Item> running = scheduler.takeDue(0, 10);
    assertThat(running).hasSize(2);
    assertThat(scheduler.takeDue(0, 10)).isEmpty();

    scheduler.completed(running.getFirst());
    assertThat(scheduler.takeDue(0, 10)).containsExactly(third);
  }

  @Test
  void runsNoMoreInAllThanTheTotal() {
    for (int i = 0; i < 50; i++) {
      inserted("user" + i, 0);
    }

    assertThat(scheduler.takeDue(0, 100)).hasSize(10);
    assertThat(scheduler.nextWake()).isEmpty();
  }

  @Test
  void aDestinationHeldBackWaitsAndOthersDoNot() {
    Item held = inserted("down", 0);
    scheduler.failed(held.route, 0, "down");
    scheduler.holdBack(held.route, 1000);
    Item other = inserted("up", 0);

    assertThat(scheduler.takeDue(999, 10)).containsExactly(other);
    assertThat(scheduler.nextWake()).hasValue(1000);
    assertThat(scheduler.takeDue(1000, 10)).containsExactly(held);
  }

  @Test
  void failuresThatRanTogetherCountOnce() {
    Route route = inserted("down", 0).route;

    assertThat(scheduler.failed(route, 0, "a")).isEqualTo(1);
    scheduler.holdBack(route, 1000);
    assertThat(scheduler.failed(route, 10, "b")).isEqualTo(1);
    assertThat(scheduler.failed(route, 1000, "c")).isEqualTo(2);
  }

  @Test
  void successEndsWhatHeldADestinationBack() {
    Item held = inserted("down", 0);
    scheduler.failed(held.route, 0, "down");
    scheduler.holdBack(held.route, 1000);

    scheduler.answered(held.route, 0, true);

    assertThat(scheduler.takeDue(0, 10)).containsExactly(held);
  }

  @Test
  void forgetsDestinationsWithNothingToDo() {
    inserted("a", 0);
    scheduler.takeDue(0, 10).forEach(scheduler::completed);

    assertThat(scheduler.destinations()).isZero();
    assertThat(scheduler.size()).isZero();
    assertThat(scheduler.running()).isZero();
  }

  /// Against a model without any order: whatever is inserted comes out exactly once, never early,
  /// never beyond a slot, however destinations fail, recover, and are suspended.
  @Test
  void losesNothingOverALongRandomHistory() {
    Random random = new Random(42);
    List<Item> waiting = new ArrayList<>();
    List<Item> running = new ArrayList<>();
    long now = 0;
    int ended = 0;
    for (int step = 0; step < 40_000; step++) {
      Route some = new Route.Mx(new Domain("d" + random.nextInt(20) + ".example"));
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> {
          Item item = of(random.nextInt(5), some, now + random.nextInt(200));
          scheduler.insert(item);
          waiting.add(item);
        }
        case 4, 5, 6 -> {
          now += random.nextInt(50);
          for (Item taken : scheduler.takeDue(now, 1 + random.nextInt(5))) {
            assertThat(taken.dueMillis).isLessThanOrEqualTo(now);
            assertThat(waiting.remove(taken)).isTrue();
            running.add(taken);
          }
        }
        case 7 -> {
          scheduler.failed(some, now, "down");
          scheduler.holdBack(some, now + random.nextInt(300));
        }
        case 8 -> scheduler.answered(some, now, random.nextBoolean());
        case 9 -> {
          int stopped = random.nextInt(40);
          scheduler.suspend(
              route -> route.equals(new Route.Mx(new Domain("d" + stopped + ".example"))));
        }
        case 10 -> {
          int out = random.nextInt(50);
          List<Item> removed = scheduler.remove(item -> item.message.idValue() % 50 == out);
          assertThat(waiting.removeAll(removed) || removed.isEmpty()).isTrue();
          ended += removed.size();
        }
        default -> {
          if (!running.isEmpty()) {
            scheduler.completed(running.remove(random.nextInt(running.size())));
            ended++;
          }
        }
      }
      Map<Route, Integer> slots = new HashMap<>();
      running.forEach(item -> slots.merge(item.route, 1, Integer::sum));
      assertThat(slots.values()).allMatch(n -> n <= 2);
    }
    scheduler.suspend(_ -> false);
    for (int round = 0; round < 10_000 && !(waiting.isEmpty() && running.isEmpty()); round++) {
      now += 1000;
      running.forEach(scheduler::completed);
      ended += running.size();
      running.clear();
      List<Item> taken = scheduler.takeDue(now, 100);
      assertThat(waiting.removeAll(taken) || taken.isEmpty()).isTrue();
      running.addAll(taken);
    }
    assertThat(ended).isEqualTo((int) ids - 1);
    assertThat(scheduler.size()).isZero();
    scheduler.forgetIdle(now + 1_000_000);
    assertThat(scheduler.destinations()).isZero();
  }
}
