package org.depesche.delivery;

import java.util.List;
import org.depesche.routing.Route;
import org.depesche.spool.StoredMessage;

/// One message for one route.
///
/// @param message open for the time of the attempt
/// @param recipients indexes into the envelope of those this attempt is for
public record DeliveryJob(StoredMessage message, Route route, List<Integer> recipients) {

  public DeliveryJob {
    recipients = List.copyOf(recipients);
  }
}
