package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

/// Waits for what another thread does.
final class SpoolWait {

  interface Condition {
    boolean holds() throws Exception;
  }

  private SpoolWait() {}

  static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
