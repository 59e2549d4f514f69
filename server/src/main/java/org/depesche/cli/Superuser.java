package org.depesche.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Whether the process may do everything on this machine, which a mail server needs at no time: all
/// it takes is ports below 1024, and that is a right of its own.
final class Superuser {

  static final String WARNING =
      "Warning: running as root, so that a fault in the server would be one of the whole machine."
          + " Make a user for it and give that the ports below 1024 (CAP_NET_BIND_SERVICE), as"
          + " packaging/systemd/depesche.service does; see docs/operations/installing.md.";

  /// What Linux says of a process; the JDK has no word for it.
  private static final Path STATUS = Path.of("/proc/self/status");

  private Superuser() {}

  /// Whether this process is root's.
  static boolean runsThis() {
    try {
      return isRoots(Files.readAllLines(STATUS));
    } catch (IOException _) {
      return "root".equals(System.getProperty("user.name"));
    }
  }

  /// Whether a process with this status is root's: its effective user is 0, the second of four.
  static boolean isRoots(List<String> status) {
    return status.stream()
        .filter(line -> line.startsWith("Uid:"))
        .map(line -> line.split("\\s+", -1))
        .anyMatch(ids -> ids.length > 2 && ids[2].equals("0"));
  }
}
