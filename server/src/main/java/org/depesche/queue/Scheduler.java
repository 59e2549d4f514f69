package org.depesche.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.depesche.queue.DestinationQueue.Concurrency;
import org.depesche.routing.Route;

/// Says which item is tried next. A plain data structure without threads or clocks; one thread uses
/// it.
///
/// Fairness: senders with something due take turns, one item a turn, over all destinations and
/// within each, so that neither a mailing to a hundred thousand nor a destination that takes
/// nothing holds up a single message. Cost: O(log n) for each operation, but for those that say
/// otherwise.
final class Scheduler {

  private final Map<Route, DestinationQueue> destinations = new HashMap<>();

  /// Whose turn it is, and the lanes of each sender that stand in line.
  private final ArrayDeque<Integer> turns = new ArrayDeque<>();

  private final Map<Integer, ArrayDeque<Lane>> lines = new HashMap<>();

  private final TreeSet<DestinationQueue> waiting =
      new TreeSet<>(
          (a, b) -> {
            int byTime = Long.compare(a.wakeMillis, b.wakeMillis);
            return byTime != 0 ? byTime : Long.compare(a.serial, b.serial);
          });
  private final Function<Route, Concurrency> concurrency;
  private final Map<Pool, Slots> pools = new EnumMap<>(Pool.class);
  private Predicate<Route> suspended = _ -> false;
  private int running;
  private long size;
  private long serial;

  /// Whose slots an item takes while it runs. Each kind has its own, so that servers that keep us
  /// waiting hold up neither mailboxes nor servers that are known to answer.
  enum Pool {
    /// Mailboxes of this server.
    MAILBOXES,
    /// Servers that answered last time.
    ANSWERING,
    /// Servers nothing is known of, or that did not answer.
    UNKNOWN
  }

  /// The slots of a pool.
  private static final class Slots {
    final int most;
    int taken;
    final ArrayDeque<Lane> blocked = new ArrayDeque<>();

    Slots(int most) {
      this.most = most;
    }
  }

  /// @param concurrency items of a destination that may run at once
  /// @param mailboxes items for mailboxes that may run at once
  /// @param servers items for servers that may run at once; at most half as many for those that are
  ///   not known to answer
  Scheduler(Function<Route, Concurrency> concurrency, int mailboxes, int servers) {
    this.concurrency = concurrency;
    pools.put(Pool.MAILBOXES, new Slots(mailboxes));
    pools.put(Pool.ANSWERING, new Slots(servers));
    pools.put(Pool.UNKNOWN, new Slots(Math.max(1, servers / 2)));
  }

  private Slots slots(Pool pool) {
    return Objects.requireNonNull(pools.get(pool));
  }

  void insert(Item item) {
    DestinationQueue destination = destination(item.route);
    destination.later.add(item);
    size++;
    place(destination);
  }

  /// Takes what is due, at most `max` items, and counts it as running until `completed`.
  List<Item> takeDue(long nowMillis, int max) {
    while (!waiting.isEmpty() && waiting.first().wakeMillis <= nowMillis) {
      wake(waiting.first(), nowMillis);
    }
    List<Item> taken = new ArrayList<>();
    while (taken.size() < max && !turns.isEmpty()) {
      Lane lane = nextInLine();
      DestinationQueue destination = lane.destination;
      if (lane.items.isEmpty()) {
        lane.inLine = false;
        destination.lanes.remove(lane.sender);
        if (destination.mayRun(nowMillis)) {
          unblock(destination, 1);
        }
        forgetIfDone(destination);
      } else if (!destination.mayRun(nowMillis)) {
        destination.blocked.add(lane);
      } else {
        Slots slots = slots(destination.pool());
        if (slots.taken < slots.most) {
          taken.add(take(lane, slots));
        } else {
          slots.blocked.add(lane);
        }
      }
    }
    return taken;
  }

  private Item take(Lane lane, Slots slots) {
    DestinationQueue destination = lane.destination;
    Item item = lane.items.remove();
    item.pool = destination.pool();
    size--;
    slots.taken++;
    destination.running++;
    running++;
    lane.inLine = false;
    if (lane.items.isEmpty()) {
      destination.lanes.remove(lane.sender);
    } else {
      standInLine(lane);
    }
    return item;
  }

  /// What is due at a destination gets in line.
  private void wake(DestinationQueue destination, long nowMillis) {
    waiting.remove(destination);
    destination.wakeMillis = DestinationQueue.NEVER;
    if (destination.notBeforeMillis <= nowMillis) {
      destination.notBeforeMillis = 0;
    }
    while (!destination.later.isEmpty() && destination.later.element().dueMillis <= nowMillis) {
      Item item = destination.later.remove();
      Lane lane =
          destination.lanes.computeIfAbsent(
              item.message.sender(), sender -> new Lane(destination, sender));
      lane.items.add(item);
      if (!lane.inLine) {
        standInLine(lane);
      }
    }
    unblock(destination, destination.slots());
    place(destination);
  }

  private void standInLine(Lane lane) {
    lane.inLine = true;
    ArrayDeque<Lane> line = lines.get(lane.sender);
    if (line == null) {
      line = new ArrayDeque<>(2);
      lines.put(lane.sender, line);
      turns.addLast(lane.sender);
    }
    line.addLast(lane);
  }

  private Lane nextInLine() {
    Integer sender = turns.removeFirst();
    ArrayDeque<Lane> line = lines.get(sender);
    if (line == null) {
      throw new IllegalStateException("a sender has its turn who has nothing in line");
    }
    Lane lane = line.removeFirst();
    if (line.isEmpty()) {
      lines.remove(sender);
    } else {
      turns.addLast(sender);
    }
    return lane;
  }

  /// Lanes that found no slot free get in line again, as many as there are slots.
  private void unblock(DestinationQueue destination, int slots) {
    for (int i = 0; i < slots && !destination.blocked.isEmpty(); i++) {
      standInLine(destination.blocked.removeFirst());
    }
  }

  /// An item taken is not running any more. It is gone unless it is inserted again.
  void completed(Item item) {
    DestinationQueue destination = destinations.get(item.route);
    Slots slots = slots(item.pool);
    slots.taken--;
    if (!slots.blocked.isEmpty()) {
      standInLine(slots.blocked.removeFirst());
    }
    if (destination != null) {
      destination.running--;
      running--;
      if (destination.notBeforeMillis == 0 && !destination.suspended) {
        unblock(destination, 1);
      }
      place(destination);
    }
  }

  /// The destination is there: what held it back is over.
  ///
  /// @param took it took something, so that it may get more at once
  void answered(Route route, long nowMillis, boolean took) {
    DestinationQueue destination = destinations.get(route);
    if (destination != null) {
      destination.failures = 0;
      destination.lastFailure = "";
      destination.answers = true;
      if (took) {
        destination.grow();
      }
      if (destination.notBeforeMillis > 0) {
        destination.notBeforeMillis = nowMillis;
        wake(destination, nowMillis);
      } else if (!destination.suspended) {
        unblock(destination, 1);
      }
    }
  }

  /// How often the destination failed as a whole, this time included. Failures of attempts that ran
  /// together count once.
  int failed(Route route, long nowMillis, String cause) {
    DestinationQueue destination = destination(route);
    if (destination.failures == 0 || nowMillis >= destination.notBeforeMillis) {
      destination.failures++;
    }
    destination.lastFailure = cause;
    destination.answers = false;
    destination.shrink();
    return destination.failures;
  }

  /// Nothing for the destination is tried before a moment.
  void holdBack(Route route, long untilMillis) {
    DestinationQueue destination = destinations.get(route);
    if (destination != null) {
      destination.notBeforeMillis = untilMillis;
      place(destination);
    }
  }

  /// The moment before which nothing is tried at a destination; in the past when nothing holds it
  /// back.
  long heldUntil(Route route) {
    DestinationQueue destination = destinations.get(route);
    return destination == null ? 0 : destination.notBeforeMillis;
  }

  /// Destinations may be tried at once, whatever they did before.
  void forgiveAll(Collection<Route> routes) {
    for (Route route : routes) {
      DestinationQueue destination = destinations.get(route);
      if (destination != null && destination.notBeforeMillis > 0) {
        destination.notBeforeMillis = 1;
        place(destination);
      }
    }
  }

  /// Says which destinations an operator has stopped, from now on and until said otherwise. O(n).
  void suspend(Predicate<Route> changed) {
    suspended = changed;
    for (DestinationQueue destination : List.copyOf(destinations.values())) {
      boolean before = destination.suspended;
      destination.suspended = changed.test(destination.route);
      if (before && !destination.suspended) {
        unblock(destination, destination.slots());
      }
      place(destination);
    }
  }

  /// Takes the items of a destination whose deadline has passed although nothing was tried; they
  /// count as running until `completed`. O(items of the destination).
  List<Item> takeOverdue(Route route, long nowMillis) {
    DestinationQueue destination = destinations.get(route);
    if (destination == null) {
      return List.of();
    }
    List<Item> overdue = extract(destination, item -> item.deadlineMillis <= nowMillis);
    for (Item item : overdue) {
      item.pool = destination.pool();
      slots(item.pool).taken++;
    }
    destination.running += overdue.size();
    running += overdue.size();
    return overdue;
  }

  /// Takes out what waits and matches, wherever it is. O(n).
  List<Item> remove(Predicate<Item> which) {
    List<Item> removed = new ArrayList<>();
    for (DestinationQueue destination : List.copyOf(destinations.values())) {
      removed.addAll(extract(destination, which));
      place(destination);
    }
    return removed;
  }

  /// Lets nothing wait beyond a moment. O(n log n).
  void hurry(long latestMillis) {
    for (DestinationQueue destination : destinations.values()) {
      destination.notBeforeMillis = Math.min(destination.notBeforeMillis, latestMillis);
    }
    for (Item item : remove(item -> item.dueMillis > latestMillis)) {
      item.dueMillis = latestMillis;
      insert(item);
    }
  }

  private List<Item> extract(DestinationQueue destination, Predicate<Item> which) {
    List<Item> found = new ArrayList<>();
    extract(destination.later, which, found);
    // An empty lane that stands in line is dropped at its turn.
    for (Lane lane : destination.lanes.values()) {
      extract(lane.items, which, found);
    }
    size -= found.size();
    return found;
  }

  private static void extract(Collection<Item> from, Predicate<Item> which, List<Item> found) {
    from.removeIf(
        item -> {
          boolean match = which.test(item);
          if (match) {
            found.add(item);
          }
          return match;
        });
  }

  /// When something becomes due next; in the past when something is. Empty when nothing waits for a
  /// moment.
  OptionalLong nextWake() {
    if (!turns.isEmpty()) {
      return OptionalLong.of(Long.MIN_VALUE);
    }
    return waiting.isEmpty() ? OptionalLong.empty() : OptionalLong.of(waiting.first().wakeMillis);
  }

  /// Shows every waiting item, in no order, with what it waits for. O(n).
  void forEachWaiting(Consumer<Waiting> each) {
    for (DestinationQueue destination : destinations.values()) {
      destination.later.forEach(item -> each.accept(new Waiting(item, destination)));
      for (Lane lane : destination.lanes.values()) {
        lane.items.forEach(item -> each.accept(new Waiting(item, destination)));
      }
    }
  }

  long size() {
    return size;
  }

  int running() {
    return running;
  }

  int destinations() {
    return destinations.size();
  }

  /// An item that waits, and the destination it waits for.
  record Waiting(Item item, DestinationQueue destination) {}

  private DestinationQueue destination(Route route) {
    return destinations.computeIfAbsent(
        route,
        key -> {
          DestinationQueue made = new DestinationQueue(key, serial++, concurrency.apply(key));
          made.suspended = suspended.test(key);
          return made;
        });
  }

  /// Puts a destination where it belongs in the order of time.
  private void place(DestinationQueue destination) {
    long look = destination.nextLook();
    if (look != destination.wakeMillis) {
      if (destination.wakeMillis != DestinationQueue.NEVER) {
        waiting.remove(destination);
      }
      destination.wakeMillis = look;
      if (look != DestinationQueue.NEVER) {
        waiting.add(destination);
      }
    }
    forgetIfDone(destination);
  }

  /// A destination is remembered while it has items, running or waiting, or a failure to remember.
  private void forgetIfDone(DestinationQueue destination) {
    if (destination.running == 0
        && destination.failures == 0
        && !destination.hasItems()
        && destination.wakeMillis == DestinationQueue.NEVER) {
      destinations.remove(destination.route, destination);
    }
  }

  /// Forgets destinations whose failure is over and that have nothing to do; for the dispatcher to
  /// call now and then, so that failures do not pile up. O(destinations).
  void forgetIdle(long nowMillis) {
    Iterator<DestinationQueue> all = destinations.values().iterator();
    while (all.hasNext()) {
      DestinationQueue destination = all.next();
      if (destination.running == 0
          && !destination.hasItems()
          && destination.notBeforeMillis <= nowMillis) {
        if (destination.wakeMillis != DestinationQueue.NEVER) {
          waiting.remove(destination);
        }
        all.remove();
      }
    }
  }
}
