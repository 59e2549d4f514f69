package org.depesche.queue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.depesche.delivery.Outcome;
import org.depesche.mail.Recipient;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.spool.RecipientState;

/// An attempt that has ended.
record Attempt(Item item, Result result, Duration took) {

  sealed interface Result permits Tried, Rerouted, Unreadable, Gone {}

  /// The transport was asked, or was not because it would have been in vain.
  ///
  /// @param states the states of all recipients of the message when the attempt began
  /// @param envelope all recipients of the message
  /// @param legs what the item is for
  /// @param outcomes one for each leg
  /// @param asked whether the transport was asked
  /// @param doubts the slots of intents to be freed when the outcomes are in the spool
  record Tried(
      List<RecipientState> states,
      List<Recipient> envelope,
      List<Leg> legs,
      List<Outcome> outcomes,
      boolean asked,
      List<Integer> doubts)
      implements Result {}

  /// The directory or the configuration has changed since the item was queued: its recipients go
  /// elsewhere.
  ///
  /// @param plan where to
  /// @param recipients all recipients of the message
  record Rerouted(Map<Route, List<Leg>> plan, List<Recipient> recipients) implements Result {}

  /// The spool has the message and cannot read it now, or it cannot be said where it goes.
  record Unreadable(String cause) implements Result {}

  /// The spool does not have the message any more.
  record Gone() implements Result {}
}
