package org.depesche.load;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// How much is sent, and how fast.
///
/// @param messages how many, those for warming up not among them; empty when only time ends it
/// @param duration how long, after warming up; empty when only the number ends it
/// @param perSecond how many messages are due in a second, whether or not the server keeps up (an
///   open loop); 0 for the next as soon as a session is free (a closed one)
/// @param warmUpMessages how many go before without being counted
/// @param warmUpTime how long messages go before without being counted
public record Amount(
    OptionalLong messages,
    Optional<Duration> duration,
    double perSecond,
    long warmUpMessages,
    Duration warmUpTime) {

  public Amount {
    if (messages.isEmpty() && duration.isEmpty()) {
      throw new IllegalArgumentException("neither a number of messages nor a duration");
    }
    if (!(perSecond >= 0 && perSecond <= 1_000_000)) {
      throw new IllegalArgumentException("a rate is 0 to 1000000 messages a second");
    }
  }

  boolean isOpenLoop() {
    return perSecond > 0;
  }
}
