package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.depesche.spool.log.FileLayer.LogFile;

/// A file system in memory, all of it one folder whatever folder is asked for. It fails when told
/// to, and it remembers all that was done to it, so that the power can be lost afterwards, at any
/// moment and with any outcome a disk is allowed: a name is durable when its folder was synced,
/// bytes are when their file was, and of the rest each change of a name and each sector may be
/// there or not.
final class FaultyFiles {

  private static final int SECTOR = 512;

  /// A file that has a name, had one, or will have.
  private static final class Stored {
    final SparseBytes bytes = new SparseBytes();
    int unreadableFrom;
    int unreadableTo;
  }

  /// Something that changed the disk, or made changes durable.
  private sealed interface Change {

    record Named(String name, Stored stored) implements Change {}

    record Renamed(String from, String to, Stored stored) implements Change {}

    record Deleted(String name, Stored stored) implements Change {}

    record Written(Stored stored, int at, byte[] bytes) implements Change {}

    record Truncated(Stored stored, int size) implements Change {}

    /// A sync; when it failed, what it did not write is not written by a later one either.
    record Synced(Stored stored, boolean failed) implements Change {}

    record FolderSynced() implements Change {}
  }

  private final Map<String, Stored> names = new TreeMap<>();
  private final Map<String, Stored> namesBefore;
  private final Map<Stored, byte[]> bytesBefore = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private long space = 1L << 40;
  private long failFrom = Long.MAX_VALUE;
  private long failUntil = Long.MAX_VALUE;
  private long attempts;
  private int failSyncs;
  private volatile long syncNanos;
  private Handle current = new Handle();

  FaultyFiles() {
    this(Map.of());
  }

  FaultyFiles(Map<String, byte[]> content) {
    content.forEach(
        (name, bytes) -> {
          Stored stored = new Stored();
          stored.bytes.write(0, bytes, 0, bytes.length);
          names.put(name, stored);
          bytesBefore.put(stored, bytes);
        });
    namesBefore = Map.copyOf(names);
  }

  /// The files as the process sees them that runs now.
  synchronized FileLayer files() {
    return current;
  }

  /// The process is killed: whatever threads are left of it can do nothing any more. What it wrote
  /// is there, synced or not.
  synchronized void kill() {
    current.dead = true;
    current = new Handle();
    heal();
  }

  /// How many changes there have been: a moment to lose power at.
  synchronized int moment() {
    return changes.size();
  }

  /// How many changes have been tried.
  synchronized long attempts() {
    return attempts;
  }

  /// The next syncs fail.
  synchronized void failSyncs(int count) {
    failSyncs = count;
  }

  /// From now on a sync takes so long.
  void slowSyncs(Duration time) {
    syncNanos = time.toNanos();
  }

  /// After so many attempts, so many fail.
  synchronized void fail(long after, long count) {
    failFrom = after;
    failUntil = after + count;
  }

  /// Reads that touch these bytes of a file fail.
  synchronized void unreadable(String name, int from, int to) {
    Stored stored = Objects.requireNonNull(names.get(name));
    stored.unreadableFrom = from;
    stored.unreadableTo = to;
  }

  /// Writes fail when the files together would be bigger.
  synchronized void space(long bytes) {
    space = bytes;
  }

  /// Nothing fails any more.
  synchronized void heal() {
    failFrom = Long.MAX_VALUE;
    failUntil = Long.MAX_VALUE;
    failSyncs = 0;
    space = 1L << 40;
    names.values().forEach(stored -> stored.unreadableTo = 0);
  }

  /// What is there, synced or not.
  synchronized Map<String, byte[]> content() {
    Map<String, byte[]> content = new TreeMap<>();
    names.forEach((name, stored) -> content.put(name, stored.bytes.copy()));
    return content;
  }

  /// The disk after the power was lost at a moment.
  ///
  /// @param survives asked about each change that was not durable
  synchronized FaultyFiles powerLost(int moment, BooleanSupplier survives) {
    PowerLoss loss = new PowerLoss();
    changes.subList(0, moment).forEach(loss::pass);
    return new FaultyFiles(loss.outcome(survives));
  }

  /// Goes through what happened and knows what is durable of it.
  private final class PowerLoss {

    private final Map<String, Stored> durableNames = new TreeMap<>(namesBefore);
    private final Map<Stored, SparseBytes> durable = new HashMap<>();
    private final Map<Stored, List<Change>> pending = new HashMap<>();
    private final Map<Stored, List<Change>> doubtful = new HashMap<>();
    private final List<Change> pendingNames = new ArrayList<>();

    PowerLoss() {
      bytesBefore.forEach((stored, bytes) -> durable(stored).write(0, bytes, 0, bytes.length));
    }

    private SparseBytes durable(Stored stored) {
      return durable.computeIfAbsent(stored, _ -> new SparseBytes());
    }

    void pass(Change change) {
      switch (change) {
        case Change.Named _, Change.Renamed _, Change.Deleted _ -> pendingNames.add(change);
        case Change.Written(var stored, _, _) -> of(pending, stored).add(change);
        case Change.Truncated(var stored, _) -> of(pending, stored).add(change);
        case Change.Synced(var stored, var failed) -> {
          List<Change> written = of(pending, stored);
          if (failed) {
            of(doubtful, stored).addAll(written);
          } else {
            written.forEach(each -> change(each, durable(stored), () -> true));
          }
          written.clear();
        }
        case Change.FolderSynced _ -> {
          pendingNames.forEach(this::name);
          pendingNames.clear();
        }
      }
    }

    private static List<Change> of(Map<Stored, List<Change>> map, Stored stored) {
      return map.computeIfAbsent(stored, _ -> new ArrayList<>());
    }

    private void name(Change change) {
      if (change instanceof Change.Named(var name, var stored)) {
        durableNames.put(name, stored);
      } else if (change instanceof Change.Renamed(var from, var to, var stored)) {
        durableNames.remove(from, stored);
        durableNames.put(to, stored);
      } else if (change instanceof Change.Deleted(var name, var stored)) {
        durableNames.remove(name, stored);
      }
    }

    Map<String, byte[]> outcome(BooleanSupplier survives) {
      pendingNames.stream().filter(_ -> survives.getAsBoolean()).forEach(this::name);
      Map<String, byte[]> outcome = new LinkedHashMap<>();
      durableNames.forEach(
          (name, stored) -> {
            SparseBytes bytes = durable(stored);
            of(doubtful, stored).forEach(change -> change(change, bytes, survives));
            of(pending, stored).forEach(change -> change(change, bytes, survives));
            outcome.put(name, bytes.copy());
          });
      return outcome;
    }

    private static void change(Change change, SparseBytes bytes, BooleanSupplier survives) {
      if (change instanceof Change.Truncated(_, var size) && survives.getAsBoolean()) {
        bytes.truncate(size);
      } else if (change instanceof Change.Written(_, var at, var written)) {
        for (int from = 0; from < written.length; ) {
          int to = Math.min(written.length, ((at + from) / SECTOR + 1) * SECTOR - at);
          if (survives.getAsBoolean()) {
            bytes.write(at + from, written, from, to - from);
          }
          from = to;
        }
      }
    }
  }

  /// A file with nothing in it.
  static LogFile none() throws IOException {
    return new FaultyFiles().files().open(Path.of("none"));
  }

  private static String name(Path path) {
    String name = path.getFileName().toString();
    return path.toString().contains("/damaged/") ? "damaged/" + name : name;
  }

  /// One process's access.
  private final class Handle implements FileLayer {

    private boolean dead;

    /// @throws IOException when this change is to fail
    private void attempt() throws IOException {
      alive();
      long number = attempts++;
      if (number >= failFrom && number < failUntil) {
        throw new IOException("Input/output error");
      }
    }

    private void alive() throws IOException {
      if (dead) {
        throw new IOException("the process was killed");
      }
    }

    @Override
    public LogFile open(Path path) throws IOException {
      synchronized (FaultyFiles.this) {
        Stored stored = names.get(name(path));
        if (stored == null) {
          attempt();
          stored = new Stored();
          names.put(name(path), stored);
          changes.add(new Change.Named(name(path), stored));
        }
        return new MemoryFile(stored);
      }
    }

    @Override
    public LogFile read(Path path) throws IOException {
      synchronized (FaultyFiles.this) {
        alive();
        Stored stored = names.get(name(path));
        if (stored == null) {
          throw new NoSuchFileException(path.toString());
        }
        return new MemoryFile(stored);
      }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      synchronized (FaultyFiles.this) {
        attempt();
        Stored stored = names.remove(name(from));
        if (stored == null) {
          throw new NoSuchFileException(from.toString());
        }
        names.put(name(to), stored);
        changes.add(new Change.Renamed(name(from), name(to), stored));
      }
    }

    @Override
    public void delete(Path path) throws IOException {
      synchronized (FaultyFiles.this) {
        attempt();
        Stored stored = names.remove(name(path));
        if (stored != null) {
          changes.add(new Change.Deleted(name(path), stored));
        }
      }
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
      synchronized (FaultyFiles.this) {
        attempt();
        changes.add(new Change.FolderSynced());
      }
    }

    @Override
    public List<Path> list(Path folder) throws IOException {
      synchronized (FaultyFiles.this) {
        alive();
        return names.keySet().stream()
            .filter(name -> !name.startsWith("damaged/"))
            .map(folder::resolve)
            .toList();
      }
    }

    @Override
    public long usableBytes(Path folder) {
      synchronized (FaultyFiles.this) {
        // No disk has less than nothing left, which would be below every spool.low-space.
        return Math.max(0, space - used());
      }
    }

    private long used() {
      return names.values().stream().mapToLong(s -> s.bytes.size()).sum();
    }

    private final class MemoryFile implements LogFile {

      private final Stored stored;

      MemoryFile(Stored stored) {
        this.stored = stored;
      }

      @Override
      public long size() {
        synchronized (FaultyFiles.this) {
          return stored.bytes.size();
        }
      }

      @Override
      public void write(ByteBuffer from, long position) throws IOException {
        synchronized (FaultyFiles.this) {
          byte[] bytes = new byte[from.remaining()];
          from.get(bytes);
          int at = (int) position;
          try {
            attempt();
            int more = at + bytes.length - stored.bytes.size();
            if (more > 0 && used() + more > space) {
              throw new IOException("No space left on device");
            }
          } catch (IOException e) {
            if (!dead) {
              written(at, Arrays.copyOf(bytes, bytes.length / 2));
            }
            throw e;
          }
          written(at, bytes);
        }
      }

      private void written(int at, byte[] bytes) {
        stored.bytes.write(at, bytes, 0, bytes.length);
        changes.add(new Change.Written(stored, at, bytes));
      }

      @Override
      public int read(ByteBuffer into, long position) throws IOException {
        synchronized (FaultyFiles.this) {
          alive();
          if (position < stored.unreadableTo
              && position + into.remaining() > stored.unreadableFrom) {
            throw new IOException("Input/output error");
          }
          return stored.bytes.read(into, (int) position);
        }
      }

      @Override
      public void force() throws IOException {
        LockSupport.parkNanos(syncNanos);
        synchronized (FaultyFiles.this) {
          try {
            attempt();
            if (failSyncs > 0) {
              failSyncs--;
              throw new IOException("Input/output error");
            }
          } catch (IOException e) {
            if (!dead) {
              changes.add(new Change.Synced(stored, true));
            }
            throw e;
          }
          changes.add(new Change.Synced(stored, false));
        }
      }

      @Override
      public void truncate(long size) throws IOException {
        synchronized (FaultyFiles.this) {
          attempt();
          stored.bytes.truncate((int) size);
          changes.add(new Change.Truncated(stored, (int) size));
        }
      }

      @Override
      public void close() {}
    }
  }

  /// A file's bytes; what was never written is zero.
  private static final class SparseBytes {

    private byte[] bytes = {};
    private int size;

    int size() {
      return size;
    }

    void write(int at, byte[] from, int offset, int length) {
      if (at + length > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(at + length, bytes.length * 2));
      }
      System.arraycopy(from, offset, bytes, at, length);
      size = Math.max(size, at + length);
    }

    void truncate(int to) {
      if (to < size) {
        Arrays.fill(bytes, to, size, (byte) 0);
        size = to;
      }
    }

    int read(ByteBuffer into, int at) {
      int length = Math.min(into.remaining(), size - at);
      if (length <= 0) {
        return 0;
      }
      into.put(bytes, at, length);
      return length;
    }

    byte[] copy() {
      return Arrays.copyOf(bytes, size);
    }
  }
}
