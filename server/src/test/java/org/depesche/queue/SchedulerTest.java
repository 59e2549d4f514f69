package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.depesche.mail.Mailbox;
import org.depesche.routing.Route;
import org.junit.jupiter.api.Test;

class SchedulerTest {

  private final Scheduler scheduler = new Scheduler(2, 10);
  private long ids = 1;

  private Item item(String user, long due) {
    Route route = new Route.Local(new Mailbox(user, "example.org"));
    return new Item(new QueuedMessage(ids++, 0, null), route, new int[] {0}, 0, due);
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
  void givesTheOldestOfADestinationFirst() {
    Item late = inserted("a", 50);
    Item early = inserted("a", 10);

    assertThat(scheduler.takeDue(100, 1)).containsExactly(early);
    assertThat(scheduler.takeDue(100, 1)).containsExactly(late);
  }

  @Test
  void destinationsTakeTurnsHoweverMuchOneHas() {
    for (int i = 0; i < 1000; i++) {
      inserted("busy", 0);
    }
    Item single = inserted("single", 0);

    List<Item> firstTwo = scheduler.takeDue(0, 2);

    assertThat(firstTwo).contains(single);
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
    scheduler.failed(held.route, 0);
    scheduler.holdBack(held.route, 1000);
    Item other = inserted("up", 0);

    assertThat(scheduler.takeDue(999, 10)).containsExactly(other);
    assertThat(scheduler.nextWake()).hasValue(1000);
    assertThat(scheduler.takeDue(1000, 10)).containsExactly(held);
  }

  @Test
  void failuresThatRanTogetherCountOnce() {
    Route route = inserted("down", 0).route;

    assertThat(scheduler.failed(route, 0)).isEqualTo(1);
    scheduler.holdBack(route, 1000);
    assertThat(scheduler.failed(route, 10)).isEqualTo(1);
    assertThat(scheduler.failed(route, 1000)).isEqualTo(2);
  }

  @Test
  void successEndsWhatHeldADestinationBack() {
    Item held = inserted("down", 0);
    scheduler.failed(held.route, 0);
    scheduler.holdBack(held.route, 1000);

    scheduler.succeeded(held.route);

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
  /// never beyond a slot.
  @Test
  void losesNothingOverALongRandomHistory() {
    Random random = new Random(42);
    List<Item> waiting = new ArrayList<>();
    List<Item> running = new ArrayList<>();
    long now = 0;
    int completed = 0;
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> waiting.add(inserted("u" + random.nextInt(20), now + random.nextInt(200)));
        case 2 -> {
          now += random.nextInt(50);
          for (Item taken : scheduler.takeDue(now, 1 + random.nextInt(5))) {
            assertThat(taken.dueMillis).isLessThanOrEqualTo(now);
            assertThat(waiting.remove(taken)).isTrue();
            running.add(taken);
          }
        }
        case 3 -> {
          if (!running.isEmpty()) {
            scheduler.completed(running.remove(random.nextInt(running.size())));
            completed++;
          }
        }
        default -> throw new AssertionError();
      }
      Map<Route, Integer> slots = new HashMap<>();
      running.forEach(item -> slots.merge(item.route, 1, Integer::sum));
      assertThat(slots.values()).allMatch(n -> n <= 2);
      assertThat(running).hasSizeLessThanOrEqualTo(10);
    }
    while (!waiting.isEmpty() || !running.isEmpty()) {
      now += 1000;
      running.forEach(scheduler::completed);
      completed += running.size();
      running.clear();
      List<Item> taken = scheduler.takeDue(now, 100);
      assertThat(waiting.removeAll(taken) || taken.isEmpty()).isTrue();
      running.addAll(taken);
    }
    assertThat(completed).isEqualTo((int) ids - 1);
    assertThat(scheduler.size()).isZero();
  }
}
