package org.depesche.net;

import java.io.IOException;

/// Takes the connections of a listener.
public interface ConnectionHandler {

  /// Serves one connection, on a virtual thread of its own. The connection is closed afterwards.
  void handle(Connection connection);

  /// A connection could not be accepted (no file descriptors left, for example). The listener goes
  /// on after a pause.
  void acceptFailed(IOException cause);
}
