package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/// A byte stream to a peer, used by one thread at a time; `close` may come from any thread.
///
/// Time limits are on inactivity: when nothing was read or written for `limit`, a waiting `read`
/// answers -1 and `timedOut` says true, so that the session can still tell the peer why it ends. A
/// peer that does not take our bytes either is cut off a little later.
public interface Connection extends AutoCloseable {

  /// Reads what is there, at least one byte, and waits for it if need be. -1 at the end of the
  /// stream or when the time limit has passed.
  int read(ByteBuffer into) throws IOException;

  /// Reads as `read` does but waits no longer than a time, at least 1 ms; 0 when nothing has come
  /// by then. Only TCP itself can wait so; other transports answer 0 at once.
  default int readWithin(ByteBuffer into, Duration time) throws IOException {
    return 0;
  }

  /// Writes all of the buffer.
  void write(ByteBuffer from) throws IOException;

  /// Sets the inactivity limit from now on.
  void limit(Duration inactivity);

  /// True when the inactivity limit has ended this connection.
  boolean timedOut();

  /// Ends the input from any thread: a waiting read and all later ones answer -1. Writing goes on
  /// where the transport can do that; otherwise the connection closes.
  default void endInput() {
    close();
  }

  /// Confirms at once what has been read, where the transport would rather wait for something to
  /// send with it. A peer that holds back small pieces until then (RFC 1122 §4.2.3.4) goes on
  /// sooner.
  default void acknowledge() {}

  /// Tells the peer that nothing more comes, where the transport has a word for that. For the
  /// owner's thread; to be followed by `close`.
  default void farewell() {}

  /// Closes so that the peer can still read what was written last: ends our side and waits a
  /// bounded time for the peer to end his. For the owner's thread.
  default void finish() {
    close();
  }

  InetSocketAddress remote();

  InetSocketAddress local();

  @Override
  void close();
}
