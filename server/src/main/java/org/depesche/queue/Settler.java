package org.depesche.queue;

import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.Spool;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.StoredMessage;
import org.depesche.telemetry.EventSink;
import org.depesche.telemetry.MailEvent;

/// Writes what attempts and operators have changed about a message: states and notifications in one
/// piece, so that a crash neither loses nor doubles a notification.
final class Settler {

  private final Spool spool;
  private final Notifier notifier;
  private final Intents intents;
  private final EventSink events;
  private final InstantSource clock;

  Settler(Spool spool, Notifier notifier, Intents intents, EventSink events, InstantSource clock) {
    this.spool = spool;
    this.notifier = notifier;
    this.intents = intents;
    this.events = events;
    this.clock = clock;
  }

  /// Settles states nobody has to be told of. Quick: does not wait for the disk.
  ///
  /// @param doubts slots of intents that are over with it
  void settle(EnvelopeId id, RecipientState[] states, List<Integer> doubts) {
    settle(id, states, doubts, List.of());
  }

  /// Settles states with the notifications about them. For a thread that may wait.
  ///
  /// @param doubts slots of intents that are over with it
  /// @return false when the notifications could not be written; then nothing is settled
  boolean settle(
      EnvelopeId id, RecipientState[] states, List<Integer> doubts, List<Notice> notices) {
    List<Notifier.Written> notifications = List.of();
    if (!notices.isEmpty()) {
      try (StoredMessage message = spool.open(id).orElse(null)) {
        if (message != null) {
          notifications = notifier.write(message, notices);
        }
      } catch (SpoolException e) {
        note("notification-failed", id + ": " + e.getMessage());
        return false;
      } catch (RuntimeException | StackOverflowError e) {
        // It is made of what strangers have written. Whatever that does to it: a settlement that
        // never came back would wait for ever, and the end of the queue for it.
        note("notification-failed", id + ": it broke: " + e);
        return false;
      }
    }
    List<Notifier.Written> written = notifications;
    List<SpoolWriter> writers = written.stream().map(Notifier.Written::writer).toList();
    CompletableFuture<Void> settled =
        spool
            .settle(new Settlement(id, Arrays.asList(states), writers))
            .whenComplete(
                (_, trouble) -> {
                  if (trouble == null) {
                    intents.end(doubts);
                    written.forEach(notification -> events.emit(notification.told()));
                  } else {
                    // An outcome that is not on disk is forgotten by the next restart, which then
                    // delivers again.
                    note("unsettled", id + ": " + trouble.getMessage());
                  }
                });
    // What nobody is told of may be forgotten; what somebody is told of must be there.
    return notices.isEmpty() || isDone(settled);
  }

  private static boolean isDone(CompletableFuture<Void> settled) {
    try {
      settled.join();
      return true;
    } catch (CompletionException _) {
      return false;
    }
  }

  private void note(String what, String detail) {
    events.emit(new MailEvent.Noted(clock.instant(), what, detail));
  }
}
