package org.depesche.delivery;

import java.util.List;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.spool.StoredMessage;

/// One message for one route.
///
/// @param message open for the time of the attempt
/// @param legs the recipients this attempt is for, and the address to hand each to
public record DeliveryJob(StoredMessage message, Route route, List<Leg> legs) {

  public DeliveryJob {
    legs = List.copyOf(legs);
  }
}
