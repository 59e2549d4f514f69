package org.depesche.delivery.smtp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.depesche.net.Connection;

/// A way to connect to servers.
public interface Door {

  /// Connects by TCP.
  ///
  /// @throws IOException when the server does not answer in time
  Connection connect(InetSocketAddress to, Duration within) throws IOException;

  /// Connects to a socket of this machine.
  ///
  /// @throws IOException when nobody listens there
  Connection connect(Path socket) throws IOException;
}
