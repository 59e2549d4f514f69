package org.depesche.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Where SQLite's driver unpacks its native library. It removes what it unpacked when the process
/// ends, but not when the process is killed; in the common temporary folder that would pile up, and
/// that folder may forbid to execute.
final class NativeFolder {

  private static final String PROPERTY = "org.sqlite.tmpdir";
  private static final String PREFIX = "sqlite-";

  private NativeFolder() {}

  /// Makes the folder the driver's, unless somebody has said otherwise, and empties it. To be
  /// called by whoever alone may use the data folder, before the driver is.
  static void prepare(Path folder) throws IOException {
    if (System.getProperty(PROPERTY) != null) {
      return;
    }
    Files.createDirectories(folder);
    empty(folder);
    System.setProperty(PROPERTY, folder.toString());
  }

  /// Removes what was unpacked.
  static void empty(Path folder) throws IOException {
    List<Path> left;
    try (Stream<Path> files = Files.list(folder)) {
      left = files.filter(f -> f.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path file : left) {
      Files.deleteIfExists(file);
    }
  }
}
