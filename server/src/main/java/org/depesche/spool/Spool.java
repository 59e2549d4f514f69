package org.depesche.spool;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.depesche.mail.EnvelopeId;

/// Durable storage of accepted mail. Safe for use by many threads.
public interface Spool extends AutoCloseable {

  /// Starts a message.
  ///
  /// @throws SpoolException `FULL` when there is less space than the threshold, `BROKEN`, `CLOSED`
  SpoolWriter begin();

  /// Opens a message that is in the spool, with the states it has now. Empty when it is gone.
  ///
  /// @throws SpoolException when it is there and cannot be read
  Optional<StoredMessage> open(EnvelopeId id);

  /// Writes a settlement. The future completes when it is on stable storage, and the listeners have
  /// been told of its notifications; exceptionally with a SpoolException when it is not durable.
  /// What `open` and `scan` answer changes at once. Nobody needs to wait: losing a settlement in a
  /// crash repeats an attempt, it loses nothing.
  CompletableFuture<Void> settle(Settlement settlement);

  /// Hands over every message in the spool, oldest first; for the start.
  void scan(Consumer<StoredEnvelope> each);

  /// Registers who hears of each message after it has become durable; called on the committing
  /// thread, must be quick and must not throw. Messages that were there before are for `scan`.
  void onCommit(Consumer<StoredEnvelope> listener);

  /// What the spool holds now.
  Usage usage();

  /// Waits for what is being written and lets go of the files.
  @Override
  void close();

  /// What a spool holds.
  ///
  /// @param messages how many messages are stored
  /// @param bytes bytes they and the log around them take on disk
  /// @param usableBytes space left on the disk
  record Usage(long messages, long bytes, long usableBytes) {}
}
