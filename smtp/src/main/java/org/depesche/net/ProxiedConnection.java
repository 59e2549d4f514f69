package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/// A connection whose ends are those that a balancer has named.
public final class ProxiedConnection implements Connection {

  private final Connection below;
  private final ProxyHeader.Proxied ends;

  public ProxiedConnection(Connection below, ProxyHeader.Proxied ends) {
    this.below = below;
    this.ends = ends;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return below.read(into);
  }

  @Override
  public int readWithin(ByteBuffer into, Duration time) throws IOException {
    return below.readWithin(into, time);
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    below.write(from);
  }

  @Override
  public void limit(Duration inactivity) {
    below.limit(inactivity);
  }

  @Override
  public boolean timedOut() {
    return below.timedOut();
  }

  @Override
  public void endInput() {
    below.endInput();
  }

  @Override
  public void acknowledge() {
    below.acknowledge();
  }

  @Override
  public void farewell() {
    below.farewell();
  }

  @Override
  public void finish() {
    below.finish();
  }

  @Override
  public InetSocketAddress remote() {
    return ends.client();
  }

  @Override
  public InetSocketAddress local() {
    return ends.server();
  }

  @Override
  public void close() {
    below.close();
  }
}
