package org.depesche.smtp.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.depesche.net.Connection;

/// The connection of a session, which STARTTLS replaces by an encrypted one.
final class SwitchedConnection implements Connection {

  private volatile Connection now;

  SwitchedConnection(Connection first) {
    this.now = first;
  }

  Connection current() {
    return now;
  }

  void become(Connection other) {
    now = other;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return now.read(into);
  }

  @Override
  public int readWithin(ByteBuffer into, Duration time) throws IOException {
    return now.readWithin(into, time);
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    now.write(from);
  }

  @Override
  public void limit(Duration inactivity) {
    now.limit(inactivity);
  }

  @Override
  public boolean timedOut() {
    return now.timedOut();
  }

  @Override
  public void endInput() {
    now.endInput();
  }

  @Override
  public void farewell() {
    now.farewell();
  }

  @Override
  public void finish() {
    now.finish();
  }

  @Override
  public InetSocketAddress remote() {
    return now.remote();
  }

  @Override
  public InetSocketAddress local() {
    return now.local();
  }

  @Override
  public void close() {
    now.close();
  }
}
