package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// A disk that counts syncs, checks the order of calls, and fails when it is told to.
final class FaultyDisk implements Disk {

  /// A call that can fail.
  enum Call {
    CREATE,
    WRITE,
    SYNC_FILE,
    SYNC_ALL,
    SYNC_FOLDER,
    RENAME
  }

  private final Disk real = new HostDisk();
  private final boolean shared;
  private final Map<Call, Integer> counts = new HashMap<>();
  private final Map<Call, String> faults = new HashMap<>();
  private final Set<Path> written = new HashSet<>();
  private final Set<Path> synced = new HashSet<>();
  private final List<Path> renamedTooEarly = new ArrayList<>();
  private CountDownLatch gate = new CountDownLatch(0);

  /// @param shared whether it has a sync for all at once
  FaultyDisk(boolean shared) {
    this.shared = shared;
  }

  /// Lets a call fail from now on.
  synchronized void fail(Call call, String reason) {
    faults.put(call, reason);
  }

  synchronized void heal() {
    faults.clear();
  }

  synchronized int count(Call call) {
    return counts.getOrDefault(call, 0);
  }

  /// Files that got their name before their bytes were synced.
  synchronized List<Path> renamedTooEarly() {
    return List.copyOf(renamedTooEarly);
  }

  /// Syncs wait until the latch is open.
  synchronized void hold(CountDownLatch latch) {
    gate = latch;
  }

  private synchronized void called(Call call) throws IOException {
    counts.merge(call, 1, Integer::sum);
    if (faults.containsKey(call)) {
      throw new IOException(faults.get(call));
    }
  }

  private void waitAtGate() {
    CountDownLatch latch;
    synchronized (this) {
      latch = gate;
    }
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void syncedAll(Set<Path> files) {
    synced.addAll(files);
  }

  private synchronized Set<Path> writtenSoFar() {
    return new HashSet<>(written);
  }

  @Override
  public OpenFile create(Path file) throws IOException {
    called(Call.CREATE);
    OpenFile opened = real.create(file);
    return new OpenFile() {
      @Override
      public void write(ByteBuffer from) throws IOException {
        called(Call.WRITE);
        opened.write(from);
        syncedAll(Set.of());
        synchronized (FaultyDisk.this) {
          written.add(file);
          synced.remove(file);
        }
      }

      @Override
      public void sync() throws IOException {
        waitAtGate();
        called(Call.SYNC_FILE);
        opened.sync();
        syncedAll(Set.of(file));
      }

      @Override
      public void close() {
        opened.close();
      }
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    called(Call.RENAME);
    synchronized (this) {
      if (!synced.contains(from)) {
        renamedTooEarly.add(from);
      }
    }
    real.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    real.delete(file);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    waitAtGate();
    called(Call.SYNC_FOLDER);
    real.syncFolder(folder);
  }

  @Override
  public Optional<Staging> staging(Path root, Instant staleBefore) {
    return Optional.empty();
  }

  @Override
  public Optional<SharedSync> sharedSync(Path folder) {
    if (!shared) {
      return Optional.empty();
    }
    return Optional.of(
        new SharedSync() {
          @Override
          public void sync() throws IOException {
            Set<Path> covered = writtenSoFar();
            waitAtGate();
            called(Call.SYNC_ALL);
            syncedAll(covered);
          }

          @Override
          public void close() {}
        });
  }
}
