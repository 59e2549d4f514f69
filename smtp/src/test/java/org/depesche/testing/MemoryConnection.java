package org.depesche.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.depesche.net.Connection;

/// One end of a connection without sockets. Bytes written at one end are read at the other; time
/// passes only when a test says so.
public final class MemoryConnection implements Connection {

  /// How long a read waits before it takes the test for stuck.
  private static final long STUCK_MILLIS = 10_000;

  private static final int CAPACITY = 64 * 1024;

  /// Two ends of one connection.
  public record Pair(MemoryConnection client, MemoryConnection server) {}

  private final Pipe in;
  private final Pipe out;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final AtomicInteger writes = new AtomicInteger();
  private volatile int maxRead = Integer.MAX_VALUE;
  private volatile boolean timedOut;
  private volatile Duration limit = Duration.ZERO;

  private MemoryConnection(Pipe in, Pipe out, InetSocketAddress local, InetSocketAddress remote) {
    this.in = in;
    this.out = out;
    this.local = local;
    this.remote = remote;
  }

  public static Pair pair() {
    Pipe up = new Pipe();
    Pipe down = new Pipe();
    InetSocketAddress client = address(49152);
    InetSocketAddress server = address(25);
    return new Pair(
        new MemoryConnection(down, up, client, server),
        new MemoryConnection(up, down, server, client));
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /// Lets no read of this end get more than so many bytes at once.
  public MemoryConnection readingAtMost(int bytes) {
    maxRead = bytes;
    return this;
  }

  /// The inactivity limit of this end passes, as soon as it has read what is there.
  public void timeOut() {
    timedOut = true;
    in.endWriting();
  }

  /// This end writes no more; the other reads what is left and then the end.
  public void endOutput() {
    out.endWriting();
  }

  /// How many writes this end has made.
  public int writes() {
    return writes.get();
  }

  /// The inactivity limit set last.
  public Duration limit() {
    return limit;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return in.read(into, maxRead);
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    writes.incrementAndGet();
    out.write(from);
  }

  @Override
  public void limit(Duration inactivity) {
    limit = inactivity;
  }

  @Override
  public boolean timedOut() {
    return timedOut;
  }

  @Override
  public void endInput() {
    in.endReading();
  }

  @Override
  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public InetSocketAddress local() {
    return local;
  }

  @Override
  public void close() {
    out.endWriting();
    in.endReading();
  }

  /// Bytes on their way in one direction.
  private static final class Pipe {

    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).flip();
    private boolean noMoreWrites;
    private boolean noMoreReads;

    synchronized int read(ByteBuffer into, int most) throws IOException {
      while (!bytes.hasRemaining() && !noMoreWrites && !noMoreReads) {
        pause("reader");
      }
      if (noMoreReads || !bytes.hasRemaining()) {
        return -1;
      }
      int n = Math.min(Math.min(into.remaining(), bytes.remaining()), most);
      into.put(bytes.slice(bytes.position(), n));
      bytes.position(bytes.position() + n);
      notifyAll();
      return n;
    }

    synchronized void write(ByteBuffer from) throws IOException {
      while (from.hasRemaining()) {
        if (noMoreReads || noMoreWrites) {
          throw new ClosedChannelException();
        }
        bytes.compact();
        int n = Math.min(from.remaining(), bytes.remaining());
        bytes.put(from.slice(from.position(), n)).flip();
        from.position(from.position() + n);
        notifyAll();
        if (n == 0) {
          pause("writer");
        }
      }
    }

    synchronized void endWriting() {
      noMoreWrites = true;
      notifyAll();
    }

    synchronized void endReading() {
      noMoreReads = true;
      notifyAll();
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void pause(String who) throws IOException {
      try {
        long before = System.nanoTime();
        wait(STUCK_MILLIS);
        if (System.nanoTime() - before >= STUCK_MILLIS * 1_000_000) {
          throw new IOException("stuck " + who + ": nothing happens at the other end");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
