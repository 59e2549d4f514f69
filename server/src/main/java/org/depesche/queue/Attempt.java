package org.depesche.queue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.depesche.delivery.Outcome;
import org.depesche.mail.Recipient;
import org.depesche.routing.Route;
import org.depesche.spool.RecipientState;

/// An attempt that has ended.
record Attempt(Item item, Result result, Duration took) {

  sealed interface Result permits Tried, Rerouted, Unreadable, Gone {}

  /// The transport was asked.
  ///
  /// @param states the states of all recipients of the message when the attempt began
  /// @param addresses the item's recipients as accepted
  /// @param outcomes one for each of the item's recipients
  record Tried(List<RecipientState> states, List<String> addresses, List<Outcome> outcomes)
      implements Result {}

  /// The directory has changed since the item was queued: its recipients go elsewhere.
  ///
  /// @param plan where to, by indexes of recipients
  /// @param recipients all recipients of the message
  record Rerouted(Map<Route, List<Integer>> plan, List<Recipient> recipients) implements Result {}

  /// The spool has the message and cannot read it now.
  record Unreadable(String cause) implements Result {}

  /// The spool does not have the message any more.
  record Gone() implements Result {}
}
