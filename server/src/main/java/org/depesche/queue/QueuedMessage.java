package org.depesche.queue;

import java.util.Arrays;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.jspecify.annotations.Nullable;

/// What the queue remembers of a message: little, the rest is in the spool. Touched by the
/// dispatcher's thread only.
final class QueuedMessage {

  private final long id;
  private final long receivedMillis;

  /// Routes still open for each recipient; null when each has one, which is nearly always so.
  private short @Nullable [] openRoutes;

  /// The recipients' states while attempts are running and their outcomes are being gathered; null
  /// in between, when the spool has them.
  RecipientState @Nullable [] gathered;

  /// Items of this message, running ones included.
  int items;

  /// Attempts running.
  int running;

  /// Outcomes gathered and not settled.
  int unsettled;

  QueuedMessage(long id, long receivedMillis, short @Nullable [] openRoutes) {
    this.id = id;
    this.receivedMillis = receivedMillis;
    this.openRoutes = openRoutes;
  }

  EnvelopeId id() {
    return new EnvelopeId(id);
  }

  long idValue() {
    return id;
  }

  long receivedMillis() {
    return receivedMillis;
  }

  /// A recipient's route was replaced by `routes` others.
  ///
  /// @param recipients how many recipients the message has
  void routeReplaced(int recipient, int routes, int recipients) {
    if (routes == 1) {
      return;
    }
    if (openRoutes == null) {
      openRoutes = new short[recipients];
      Arrays.fill(openRoutes, (short) 1);
    }
    openRoutes[recipient] += (short) (routes - 1);
  }

  /// Counts one route of a recipient as done; true when it was the last.
  boolean routeDone(int recipient) {
    return openRoutes == null || --openRoutes[recipient] <= 0;
  }
}
