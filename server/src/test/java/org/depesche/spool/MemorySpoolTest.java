package org.depesche.spool;

import org.depesche.testing.ManualTime;
import org.depesche.testing.MemorySpool;

class MemorySpoolTest implements SpoolContract {

  private final MemorySpool spool = new MemorySpool(new ManualTime());

  @Override
  public Spool spool() {
    return spool;
  }
}
