package org.depesche.directory.dovecot;

import java.io.IOException;
import java.io.Serial;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One connection to Dovecot, on which many wait for answers at once: a wrong password is answered
/// after some seconds only, and nobody else is to wait for that. A thread of its own connects and
/// reads; whoever asks waits no longer than the time-out says.
final class Conversation implements AutoCloseable {

  /// Octets of a line we read.
  private static final int MAX_LINE = 64 * 1024;

  /// Lines of a greeting.
  private static final int MAX_GREETING = 100;

  private static final String VERSION = "VERSION";

  /// The version that both protocols have had since Dovecot 1.
  private static final String MAJOR = "1";

  /// How a protocol begins.
  ///
  /// @param hello what we say
  /// @param last the kind of the line with which the server's greeting ends
  /// @param needed a line the greeting must have, by its first fields
  record Greeting(List<Line> hello, String last, Optional<Line> needed) {}

  private final DovecotAddress address;
  private final Greeting greeting;
  private final Duration timeout;
  private final SocketChannel channel;
  private final CompletableFuture<Boolean> ready = new CompletableFuture<>();
  private final Map<Integer, CompletableFuture<Line>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final AtomicLong heard = new AtomicLong();
  private final ReentrantLock writing = new ReentrantLock();
  private final ByteBuffer input = ByteBuffer.allocate(MAX_LINE).flip();

  private Conversation(DovecotAddress address, Greeting greeting, Duration timeout)
      throws IOException {
    this.address = address;
    this.greeting = greeting;
    this.timeout = timeout;
    this.channel =
        address instanceof DovecotAddress.Unix
            ? SocketChannel.open(StandardProtocolFamily.UNIX)
            : SocketChannel.open();
  }

  /// Connects and waits for the greeting.
  static Conversation open(DovecotAddress address, Greeting greeting, Duration timeout)
      throws IOException {
    Conversation opened = new Conversation(address, greeting, timeout);
    Thread.ofVirtual().name("dovecot " + address).start(opened::run);
    try {
      opened.answer(opened.ready);
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /// Asks, and waits for the answer.
  ///
  /// @param command the kind of the line; the number of the request follows it
  Line ask(String command, List<String> rest) throws IOException {
    int id = ids.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
    CompletableFuture<Line> answer = new CompletableFuture<>();
    waiting.put(id, answer);
    long before = heard.get();
    try {
      List<String> fields = new ArrayList<>(List.of(command, String.valueOf(id)));
      fields.addAll(rest);
      write(new Line(fields).wire());
      return answer(answer);
    } catch (TimedOutException e) {
      if (heard.get() == before) {
        // Not one slow answer: nothing comes any more.
        close();
      }
      throw e;
    } finally {
      waiting.remove(id);
    }
  }

  /// An answer that did not come in time.
  static final class TimedOutException extends IOException {
    @Serial private static final long serialVersionUID = 1;

    TimedOutException(String message) {
      super(message);
    }
  }

  private <T> T answer(CompletableFuture<T> future) throws IOException {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new TimedOutException("no answer within " + timeout.toMillis() + " ms");
    } catch (ExecutionException e) {
      throw new IOException(reason(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String reason(@Nullable Throwable cause) {
    return cause == null || cause.getMessage() == null
        ? "the connection was closed"
        : cause.getMessage();
  }

  private void write(String text) throws IOException {
    try {
      if (!writing.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimedOutException("it does not read");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (octets.hasRemaining()) {
        channel.write(octets);
      }
    } finally {
      writing.unlock();
    }
  }

  private void run() {
    IOException end = new IOException("the connection was closed");
    try {
      channel.connect(address.resolved());
      for (Line each : greeting.hello()) {
        write(each.wire());
      }
      greeting();
      ready.complete(true);
      while (true) {
        Line line = read();
        heard.incrementAndGet();
        line.id().map(waiting::get).ifPresent(answer -> answer.complete(line));
      }
    } catch (IOException e) {
      end = e;
    } catch (RuntimeException e) {
      // A name that has no address.
      end = new IOException(e.toString(), e);
    } finally {
      close();
      ready.completeExceptionally(end);
      for (CompletableFuture<Line> each : waiting.values()) {
        each.completeExceptionally(end);
      }
    }
  }

  private void greeting() throws IOException {
    boolean isComplete = greeting.needed().isEmpty();
    boolean hasVersion = false;
    for (int i = 0; i < MAX_GREETING; i++) {
      Line line = read();
      if (line.kind().equals(VERSION)) {
        hasVersion = line.field(1).equals(MAJOR);
      }
      isComplete |= greeting.needed().filter(needed -> begins(line, needed)).isPresent();
      if (line.kind().equals(greeting.last())) {
        if (!hasVersion) {
          throw new IOException("it speaks another version of the protocol");
        }
        if (!isComplete) {
          throw new IOException("it does not offer what is needed");
        }
        return;
      }
    }
    throw new IOException("its greeting does not end");
  }

  private static boolean begins(Line line, Line with) {
    int length = with.fields().size();
    return line.fields().size() >= length && line.fields().subList(0, length).equals(with.fields());
  }

  private Line read() throws IOException {
    int scanned = input.position();
    while (true) {
      for (; scanned < input.limit(); scanned++) {
        if (input.get(scanned) == '\n') {
          byte[] octets = new byte[scanned - input.position()];
          input.get(octets).get();
          return Line.parse(new String(octets, StandardCharsets.UTF_8));
        }
      }
      input.compact();
      try {
        if (!input.hasRemaining()) {
          throw new IOException("a line longer than " + MAX_LINE + " octets");
        }
        scanned = input.position();
        if (channel.read(input) < 0) {
          throw new IOException("the connection was closed");
        }
      } finally {
        input.flip();
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // It is not used any more either way.
    }
  }
}
