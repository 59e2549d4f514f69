package org.depesche.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Something that is made when it is first asked for. One who asks makes it, others wait for that;
/// what could not be made is tried again by the next. Safe for use by many threads.
final class Late<T> {

  /// Makes it.
  @FunctionalInterface
  interface Maker<T> {
    T make() throws IOException;
  }

  private final Maker<T> maker;
  private final ReentrantLock making = new ReentrantLock();
  private volatile @Nullable T made;

  Late(Maker<T> maker) {
    this.maker = maker;
  }

  /// @throws UncheckedIOException when it cannot be made
  T get() {
    try {
      return make();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws IOException when it cannot be made
  T make() throws IOException {
    T ready = made;
    if (ready != null) {
      return ready;
    }
    making.lock();
    try {
      ready = made;
      if (ready == null) {
        ready = maker.make();
        made = ready;
      }
      return ready;
    } finally {
      making.unlock();
    }
  }
}
