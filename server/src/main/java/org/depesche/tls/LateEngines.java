package org.depesche.tls;

import javax.net.ssl.SSLEngine;
import org.depesche.net.TlsEngines;

/// Engines that are made when the first is asked for: a native library is megabytes and a third of
/// a second that a server without TLS need not spend.
final class LateEngines implements TlsEngines {

  private final Late<TlsEngines> engines;

  LateEngines(Late.Maker<TlsEngines> maker) {
    this.engines = new Late<>(maker);
  }

  @Override
  public SSLEngine server() {
    return engines.get().server();
  }

  @Override
  public SSLEngine client(String host, int port) {
    return engines.get().client(host, port);
  }

  @Override
  public void release(SSLEngine engine) {
    engines.get().release(engine);
  }
}
