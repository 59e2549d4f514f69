package org.depesche.delivery;

import java.util.List;

/// A way out of the queue. One call is one attempt; it may block, and it is bounded in time by
/// itself.
@FunctionalInterface
public interface Transport {

  /// Tries to deliver. Expected trouble is an outcome, never an exception.
  ///
  /// @return one outcome for each of the legs of the job, in their order
  List<Outcome> deliver(DeliveryJob job);
}
