package org.depesche.delivery;

import java.util.List;
import org.depesche.routing.Leg;
import org.depesche.routing.Route;
import org.depesche.spool.StoredMessage;

/// One message for one route.
///
/// @param message open for the time of the attempt
/// @param legs the recipients this attempt is for, and the address to hand each to
/// @param doubt to be told by transports after which a second attempt would make a second copy
public record DeliveryJob(StoredMessage message, Route route, List<Leg> legs, Doubt doubt) {

  public DeliveryJob {
    legs = List.copyOf(legs);
  }
}
