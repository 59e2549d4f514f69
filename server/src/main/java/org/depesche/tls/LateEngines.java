package org.depesche.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import org.depesche.net.TlsEngines;
import org.jspecify.annotations.Nullable;

/// Engines that are made when the first is asked for: a native library is megabytes and a third of
/// a second that a server without TLS need not spend.
final class LateEngines implements TlsEngines {

  /// Makes engines.
  @FunctionalInterface
  interface Maker {
    TlsEngines make() throws IOException;
  }

  private final Maker maker;
  private final ReentrantLock making = new ReentrantLock();
  private volatile @Nullable TlsEngines made;

  LateEngines(Maker maker) {
    this.maker = maker;
  }

  private TlsEngines engines() {
    TlsEngines ready = made;
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
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      making.unlock();
    }
  }

  @Override
  public SSLEngine server() {
    return engines().server();
  }

  @Override
  public SSLEngine client(String host, int port) {
    return engines().client(host, port);
  }

  @Override
  public void release(SSLEngine engine) {
    engines().release(engine);
  }
}
