package org.depesche.directory.dovecot;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.depesche.directory.UnavailableException;

/// Asks one service of Dovecot, over a connection that is kept, and made anew when it has gone.
final class Requests implements AutoCloseable {

  /// Questions that wait for answers at once.
  private static final int MAX_WAITING = 500;

  private final DovecotAddress address;
  private final Supplier<Conversation.Greeting> greeting;
  private final Duration timeout;
  private final Semaphore permits = new Semaphore(MAX_WAITING);
  private final ReentrantLock opening = new ReentrantLock();
  private volatile Optional<Conversation> current = Optional.empty();
  private volatile boolean isClosed;

  /// Connects nothing yet.
  ///
  /// @param greeting how each connection begins
  Requests(DovecotAddress address, Supplier<Conversation.Greeting> greeting, Duration timeout) {
    this.address = address;
    this.greeting = greeting;
    this.timeout = timeout;
  }

  /// Asks, and waits for the answer.
  Line ask(String command, List<String> rest) throws UnavailableException {
    try {
      if (!permits.tryAcquire(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new UnavailableException(this + ": too many questions wait for an answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(this + ": interrupted", e);
    }
    try {
      Optional<Conversation> kept = current.filter(Conversation::isOpen);
      if (kept.isPresent()) {
        try {
          return kept.get().ask(command, rest);
        } catch (Conversation.TimedOutException e) {
          throw e;
        } catch (IOException e) {
          // A Dovecot that was restarted meanwhile is not one that is away.
          if (kept.get().isOpen()) {
            throw e;
          }
        }
      }
      return opened().ask(command, rest);
    } catch (IOException e) {
      throw new UnavailableException(this + ": " + e.getMessage(), e);
    } finally {
      permits.release();
    }
  }

  private Conversation opened() throws IOException {
    try {
      if (!opening.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("no connection within " + timeout.toMillis() + " ms");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      Optional<Conversation> kept = current.filter(Conversation::isOpen);
      if (kept.isPresent()) {
        return kept.get();
      }
      if (isClosed) {
        throw new IOException("it is not asked any more");
      }
      Conversation made = Conversation.open(address, greeting.get(), timeout);
      current = Optional.of(made);
      if (isClosed) {
        made.close();
      }
      return made;
    } finally {
      opening.unlock();
    }
  }

  @Override
  public String toString() {
    return "dovecot " + address;
  }

  @Override
  public void close() {
    isClosed = true;
    current.ifPresent(Conversation::close);
  }
}
