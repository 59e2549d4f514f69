package org.depesche.net;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/// Where a listener listens.
public sealed interface ListenPlace {

  /// An address of TCP.
  ///
  /// @param address port 0 for any free one
  record Tcp(InetSocketAddress address) implements ListenPlace {}

  /// A Unix domain socket.
  ///
  /// @param path of its file, which is made at the start and removed at the end
  /// @param permissions who may connect: those who may write
  record Unix(Path path, Set<PosixFilePermission> permissions) implements ListenPlace {

    public Unix {
      permissions = Set.copyOf(permissions);
    }
  }
}
