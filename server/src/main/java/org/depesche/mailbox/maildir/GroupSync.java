package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Makes deliveries to one file system durable, all that wait with as few syncs as possible.
///
/// **Order.** The bytes of a copy are durable before it gets its name in `new`, and the name is
/// durable before the delivery is reported. So no reader ever sees half a message, crash or not,
/// and nothing is reported that a crash could take back.
///
/// **Grouping.** A round takes all that wait. What it needs are the bytes of the new copies and the
/// names of the copies placed in the round before. One file or folder is synced by itself; for
/// more, one shared sync covers all of it. Under load that is one sync a round, and a copy is
/// reported at the end of the second round it takes part in; when nothing more waits, the names are
/// synced at once. Where several deliveries are under way more will follow, so the next round waits
/// a moment for them: a sync costs nearly as much for one copy as for twenty.
///
/// **Failure.** A failed sync says nothing about which bytes were lost, and the kernel may drop
/// them; a second sync that succeeds would prove nothing. So everything the sync was for is removed
/// and reported as failed.
///
/// **Threads.** One platform thread does it all, because a sync would hold the carrier of a virtual
/// thread.
final class GroupSync implements AutoCloseable {

  /// Most deliveries in one round.
  static final int MAX_ROUND = 1024;

  /// Most deliveries waiting for a round; further ones wait to get in.
  static final int MAX_WAITING = 8 * MAX_ROUND;

  /// Deliveries under way that make it worth to wait for more.
  private static final int COMPANY = 3;

  private static final Duration GATHERING = Duration.ofMillis(10);

  private final Disk disk;
  private final Optional<Disk.SharedSync> shared;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition taken = lock.newCondition();
  private final Condition enough = lock.newCondition();
  private final List<Delivery> waiting = new ArrayList<>();
  private boolean closed;

  /// @param shared the shared sync of the file system; closed with this object
  GroupSync(Disk disk, Optional<Disk.SharedSync> shared) {
    this.disk = disk;
    this.shared = shared;
    this.thread = Thread.ofPlatform().name("maildir-sync").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /// Hands a delivery over; its outcome will be completed.
  void submit(Delivery delivery) {
    lock.lock();
    try {
      while (waiting.size() >= MAX_WAITING && !closed) {
        taken.awaitUninterruptibly();
      }
      if (!closed) {
        waiting.add(delivery);
        arrived.signal();
        if (waiting.size() >= MAX_ROUND) {
          enough.signal();
        }
        return;
      }
    } finally {
      lock.unlock();
    }
    withdraw(List.of(delivery), new IOException("the mailbox store is closed"));
  }

  /// Finishes what waits.
  @Override
  public void close() {
    shut();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void shut() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      taken.signalAll();
      enough.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    List<Delivery> inHand = new ArrayList<>();
    try {
      List<Delivery> placed = List.of();
      List<Delivery> fresh = take(true);
      while (!fresh.isEmpty() || !placed.isEmpty()) {
        inHand = new ArrayList<>(placed);
        inHand.addAll(fresh);
        placed = round(placed, fresh);
        gather(placed.size());
        fresh = take(placed.isEmpty());
      }
    } finally {
      // Ends early only by a defect; then too nobody waits for ever.
      shut();
      inHand.addAll(waiting);
      inHand.removeIf(delivery -> delivery.outcome().isDone());
      inHand.forEach(delivery -> delivery.fail(new IOException("mailbox syncing has ended")));
      shared.ifPresent(Disk.SharedSync::close);
    }
  }

  /// Waits for more, where several deliveries are under way.
  private void gather(int placed) {
    lock.lock();
    try {
      long left = placed + waiting.size() < COMPANY ? 0 : GATHERING.toNanos();
      while (left > 0 && waiting.size() < MAX_ROUND && !closed) {
        left = enough.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread to good purpose.
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// What waits now; empty when nothing does and `wait` is false, or when closed.
  private List<Delivery> take(boolean wait) {
    lock.lock();
    try {
      while (wait && waiting.isEmpty() && !closed) {
        arrived.awaitUninterruptibly();
      }
      List<Delivery> first = waiting.subList(0, Math.min(MAX_ROUND, waiting.size()));
      List<Delivery> round = List.copyOf(first);
      first.clear();
      taken.signalAll();
      return round;
    } finally {
      lock.unlock();
    }
  }

  /// One round: makes the bytes of `fresh` and the names of `placed` durable, reports `placed`, and
  /// answers those of `fresh` that are placed now.
  private List<Delivery> round(List<Delivery> placed, List<Delivery> fresh) {
    Set<Path> names = new LinkedHashSet<>();
    for (Delivery delivery : placed) {
      names.addAll(delivery.folder().unanchored());
      names.addAll(delivery.holders());
    }
    long files = fresh.stream().filter(Delivery.Fresh.class::isInstance).count();
    if (shared.isPresent() && names.size() + files > 1) {
      return place(syncTogether(shared.get(), placed, fresh));
    }
    syncNames(placed, names);
    return place(syncEach(fresh));
  }

  private List<Delivery> syncTogether(
      Disk.SharedSync all, List<Delivery> placed, List<Delivery> fresh) {
    try {
      all.sync();
    } catch (IOException e) {
      takeBack(placed, e);
      withdraw(fresh, e);
      return List.of();
    }
    placed.forEach(Delivery::succeed);
    return fresh;
  }

  private void syncNames(List<Delivery> placed, Collection<Path> names) {
    try {
      for (Path folder : names) {
        disk.syncFolder(folder);
      }
    } catch (IOException e) {
      takeBack(placed, e);
      return;
    }
    placed.forEach(Delivery::succeed);
  }

  private List<Delivery> syncEach(List<Delivery> fresh) {
    List<Delivery> synced = new ArrayList<>(fresh.size());
    for (Delivery delivery : fresh) {
      try {
        if (delivery instanceof Delivery.Fresh copy) {
          copy.file().sync();
        }
        synced.add(delivery);
      } catch (IOException e) {
        withdraw(List.of(delivery), e);
      }
    }
    return synced;
  }

  private List<Delivery> place(List<Delivery> synced) {
    List<Delivery> placed = new ArrayList<>(synced.size());
    for (Delivery delivery : synced) {
      try {
        if (delivery instanceof Delivery.Fresh copy) {
          disk.rename(copy.tmp(), copy.target());
        }
        placed.add(delivery);
      } catch (IOException e) {
        withdraw(List.of(delivery), e);
      }
    }
    return placed;
  }

  /// Fails deliveries that have not been placed.
  private void withdraw(Collection<Delivery> deliveries, IOException cause) {
    for (Delivery delivery : deliveries) {
      if (delivery instanceof Delivery.Fresh copy) {
        delete(copy.tmp(), cause);
      }
      delivery.fail(cause);
    }
  }

  /// Fails deliveries that have been placed. Copies that were found stay: an earlier attempt may
  /// have been reported.
  private void takeBack(Collection<Delivery> deliveries, IOException cause) {
    for (Delivery delivery : deliveries) {
      if (delivery instanceof Delivery.Fresh copy) {
        delete(copy.target(), cause);
      }
      delivery.fail(cause);
    }
  }

  private void delete(Path file, IOException cause) {
    try {
      disk.delete(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
