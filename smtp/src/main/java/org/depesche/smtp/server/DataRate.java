package org.depesche.smtp.server;

import java.time.Duration;

/// So much content in a time.
///
/// @param octets as they come, dots that were added and line ends included
/// @param per over which it is averaged
public record DataRate(long octets, Duration per) {

  public DataRate {
    if (octets <= 0 || !per.isPositive()) {
      throw new IllegalArgumentException("no rate: " + octets + " octets in " + per);
    }
  }
}
