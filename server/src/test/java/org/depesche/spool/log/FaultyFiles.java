package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A file system in memory, all of it one folder whatever folder is asked for, that keeps what was
/// synced apart from what was not. `crash` keeps the synced bytes and a random part of the others,
/// sector by sector, as a disk would.
final class FaultyFiles {

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
  private int life;
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
    life++;
    budget = Long.MAX_VALUE;
    failForces = 0;
  }

  /// The files as the process sees them that runs now. Once the power has failed nothing can be
  /// done with them any more, whatever threads are left of it.
  synchronized FileLayer files() {
    return new Life(life);
  }

  private long used() {
    return names.values().stream().mapToLong(s -> s.written.length).sum();
  }

  private final class Life implements FileLayer {

    private final int number;

    Life(int number) {
      this.number = number;
    }

    private void operation() {
      if (number != life || dead || --budget < 0) {
        dead |= number == life;
        throw new PowerLoss();
      }
    }

    @Override
    public LogFile open(Path path) {
      synchronized (FaultyFiles.this) {
        operation();
        return new MemoryFile(names.computeIfAbsent(path.getFileName(), _ -> new Stored()));
      }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      synchronized (FaultyFiles.this) {
        operation();
        Stored stored = names.remove(from.getFileName());
        if (stored == null) {
          throw new IOException("no such file: " + from);
        }
        names.put(to.getFileName(), stored);
      }
    }

    @Override
    public void delete(Path path) {
      synchronized (FaultyFiles.this) {
        operation();
        names.remove(path.getFileName());
      }
    }

    @Override
    public void forceFolder(Path folder) {
      synchronized (FaultyFiles.this) {
        operation();
        durableNames = new HashMap<>(names);
      }
    }

    @Override
    public List<Path> list(Path folder) {
      synchronized (FaultyFiles.this) {
        operation();
        return names.keySet().stream().map(folder::resolve).sorted().toList();
      }
    }

    @Override
    public long usableBytes(Path folder) {
      synchronized (FaultyFiles.this) {
        return space - used();
      }
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
}
