package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A file system in memory that keeps what was synced apart from what was not. `crash` keeps the
/// synced bytes and a random part of the others, sector by sector, as a disk would.
final class FaultyFiles implements FileLayer {

  private static final int SECTOR = 512;

  /// A fault that is not an answer of a disk but the end of the process.
  static final class PowerLoss extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final class Stored {
    byte[] synced = {};
    byte[] written = {};
  }

  private Map<Path, Stored> names = new HashMap<>();
  private Map<Path, Stored> durableNames = new HashMap<>();
  private final Random random;
  private long budget = Long.MAX_VALUE;
  private int failForces;
  private boolean dead;
  private long space = 1L << 40;

  FaultyFiles(long seed) {
    random = new Random(seed);
  }

  /// The plug is pulled after so many more operations; every later one ends the same.
  synchronized void pullPlugAfter(long operations) {
    budget = operations;
  }

  /// The next syncs fail.
  synchronized void failForces(int count) {
    failForces = count;
  }

  /// Writes fail when the files together would be bigger.
  synchronized void space(long bytes) {
    space = bytes;
  }

  synchronized boolean isDead() {
    return dead;
  }

  /// What is there after the power came back.
  synchronized void crash() {
    names = new HashMap<>(durableNames);
    for (Stored stored : names.values()) {
      byte[] after = stored.synced.clone();
      if (stored.written.length > after.length && random.nextBoolean()) {
        after = Arrays.copyOf(after, stored.written.length);
      }
      for (int at = 0; at < after.length; at += SECTOR) {
        int end = Math.min(Math.min(at + SECTOR, after.length), stored.written.length);
        if (end > at && random.nextBoolean()) {
          System.arraycopy(stored.written, at, after, at, end - at);
        }
      }
      stored.synced = after;
      stored.written = after.clone();
    }
    dead = false;
    budget = Long.MAX_VALUE;
    failForces = 0;
  }

  private void operation() {
    if (dead || --budget < 0) {
      dead = true;
      throw new PowerLoss();
    }
  }

  @Override
  public synchronized LogFile open(Path path) {
    operation();
    return new MemoryFile(names.computeIfAbsent(path, _ -> new Stored()));
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    operation();
    Stored stored = names.remove(from);
    if (stored == null) {
      throw new IOException("no such file: " + from);
    }
    names.put(to, stored);
  }

  @Override
  public synchronized void delete(Path path) {
    operation();
    names.remove(path);
  }

  @Override
  public synchronized void forceFolder(Path folder) {
    operation();
    durableNames = new HashMap<>(names);
  }

  @Override
  public synchronized List<Path> list(Path folder) {
    operation();
    return new ArrayList<>(names.keySet()).stream().sorted().toList();
  }

  @Override
  public synchronized long usableBytes(Path folder) {
    return space - used();
  }

  private long used() {
    return names.values().stream().mapToLong(s -> s.written.length).sum();
  }

  private final class MemoryFile implements LogFile {

    private final Stored stored;

    MemoryFile(Stored stored) {
      this.stored = stored;
    }

    @Override
    public long size() {
      synchronized (FaultyFiles.this) {
        return stored.written.length;
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      synchronized (FaultyFiles.this) {
        int end = (int) position + from.remaining();
        if (end > stored.written.length) {
          if (used() + end - stored.written.length > space) {
            throw new IOException("No space left on device");
          }
          stored.written = Arrays.copyOf(stored.written, end);
        }
        from.get(stored.written, (int) position, from.remaining());
        operation();
      }
    }

    @Override
    public int read(ByteBuffer into, long position) {
      synchronized (FaultyFiles.this) {
        int length = (int) Math.min(into.remaining(), stored.written.length - position);
        if (length <= 0) {
          return 0;
        }
        into.put(stored.written, (int) position, length);
        return length;
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (FaultyFiles.this) {
        operation();
        if (failForces > 0) {
          failForces--;
          throw new IOException("Input/output error");
        }
        stored.synced = stored.written.clone();
      }
    }

    @Override
    public void truncate(long size) {
      synchronized (FaultyFiles.this) {
        operation();
        if (size < stored.written.length) {
          stored.written = Arrays.copyOf(stored.written, (int) size);
        }
      }
    }

    @Override
    public void close() {}
  }
}
