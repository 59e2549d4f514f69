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
  /// @throws SpoolException `BROKEN` when it is there and cannot be read, `CLOSED`
  Optional<StoredMessage> open(EnvelopeId id);

  /// Writes a settlement. The future completes when it is on stable storage, and the listeners have
  /// been told of its notifications; exceptionally with a SpoolException when it is not durable.
  /// What `open` and `scan` answer changes at once. Nobody needs to wait: losing a settlement in a
  /// crash repeats an attempt, it loses nothing.
  ///
  /// One without notifications that is not durable stays in effect and is written as soon as that
  /// is possible; one with notifications has then not happened, and they are aborted. Of several
  /// settlements of a message the last one counts; one that another has overtaken may count as
  /// durable.
  ///
  /// @throws IllegalArgumentException when a notification is of another spool
  /// @throws IllegalStateException when a notification is not complete, or has ended
  CompletableFuture<Void> settle(Settlement settlement);

  /// Hands over every message that is in the spool all the while, once each, in the order they were
  /// written: oldest first, but what housekeeping has moved comes behind. For the start.
  ///
  /// @throws SpoolException `BROKEN` when it cannot be read, `CLOSED`
  void scan(Consumer<StoredEnvelope> each);

  /// Registers who hears of each message after it has become durable; called on the committing
  /// thread, must be quick and must not throw. Messages that were there before are for `scan`.
  void onCommit(Consumer<StoredEnvelope> listener);

  /// What the spool holds now.
  Usage usage();

  /// Waits for what is being written and lets go of the files. What comes later is refused as
  /// `CLOSED`. A second call does nothing.
  @Override
  void close();

  /// What a spool holds.
  ///
  /// @param messages how many messages are stored
  /// @param bytes bytes they and the log around them take on disk
  /// @param usableBytes space left on the disk
  record Usage(long messages, long bytes, long usableBytes) {}
}
