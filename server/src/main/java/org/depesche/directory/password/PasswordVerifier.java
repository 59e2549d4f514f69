package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.depesche.directory.password.PasswordHash.Parsed;

/// Compares passwords, few at a time: each comparison takes a core and up to 256 MiB for a while.
/// They run on the executor, not on the caller's virtual thread, whose carrier others need.
public final class PasswordVerifier {

  /// How a comparison ends.
  public sealed interface Outcome {

    record Match() implements Outcome {}

    record Mismatch() implements Outcome {}

    /// So many others are at it that this one was not begun in time.
    record Busy() implements Outcome {}

    /// What is kept is no hash that can be read.
    record Unreadable(String reason) implements Outcome {}
  }

  private final Executor executor;
  private final Semaphore permits;
  private final Duration patience;
  private final PasswordHash decoy;

  /// A verifier with a decoy, a kept hash of the usual price that strangers are compared with.
  ///
  /// @param executor platform threads, one for each of `atOnce`
  /// @param atOnce comparisons at a time
  /// @param patience for a turn; those who wait are served in order
  /// @param decoy as [NewPassword#argon2id] makes it, of any password
  public PasswordVerifier(Executor executor, int atOnce, Duration patience, String decoy) {
    this.executor = executor;
    this.permits = new Semaphore(atOnce, true);
    this.patience = patience;
    this.decoy =
        switch (PasswordHash.parse(decoy)) {
          case Parsed.Known(PasswordHash hash) -> hash;
          case Parsed.Unreadable(String reason) ->
              throw new IllegalArgumentException("the decoy: " + reason);
        };
  }

  /// Compares a password with what is kept of it. A name that nobody has (`kept` is empty) takes as
  /// long as one that somebody has.
  ///
  /// @param password UTF-8 as it was typed
  public Outcome verify(Optional<String> kept, byte[] password) {
    try {
      if (!permits.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Outcome.Busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Busy();
    }
    try {
      byte[] prepared = Preparation.prepared(new String(password, UTF_8)).getBytes(UTF_8);
      return CompletableFuture.supplyAsync(() -> compare(kept, prepared), executor).join();
    } catch (RejectedExecutionException e) {
      // The server is stopping.
      return new Outcome.Busy();
    } finally {
      permits.release();
    }
  }

  private Outcome compare(Optional<String> kept, byte[] password) {
    Parsed parsed = kept.map(PasswordHash::parse).orElseGet(() -> new Parsed.Unreadable("nobody"));
    return switch (parsed) {
      case Parsed.Known(PasswordHash hash) ->
          hash.matches(password) ? new Outcome.Match() : new Outcome.Mismatch();
      case Parsed.Unreadable(String reason) -> {
        var _ = decoy.matches(password);
        yield kept.isPresent() ? new Outcome.Unreadable(reason) : new Outcome.Mismatch();
      }
    };
  }
}
