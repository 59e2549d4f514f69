package org.depesche.limits;

import java.util.LinkedHashMap;
import java.util.Map;

/// A map that never holds more than so many entries: what was quiet longest is forgotten. Not safe
/// for use by many threads.
final class Remembered<K, V> extends LinkedHashMap<K, V> {

  private static final long serialVersionUID = 1L;

  private final int most;

  Remembered(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
