package org.depesche.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;

/// Databases that could not be read, kept beside the one in use for whoever wants to look into
/// them.
final class DamagedFiles {

  /// How many are kept; a disk that damages every file must not be filled by it.
  static final int KEPT = 3;

  private static final String MARK = ".damaged-";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private DamagedFiles() {}

  /// Renames a closed database, with its journal, and forgets the oldest of those renamed before.
  ///
  /// @return its new name
  static Path setAside(Path file, Instant now) throws IOException {
    Path kept = file.resolveSibling(file.getFileName() + MARK + STAMP.format(now));
    Files.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
    Path journal = sibling(file, "-wal");
    if (Files.exists(journal)) {
      Files.move(journal, sibling(kept, "-wal"), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(sibling(file, "-shm"));
    forgetOldest(file);
    return kept;
  }

  private static void forgetOldest(Path file) throws IOException {
    String prefix = file.getFileName() + MARK;
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    List<Path> damaged;
    try (Stream<Path> files = Files.list(folder)) {
      damaged =
          files
              .filter(f -> f.getFileName().toString().startsWith(prefix))
              .filter(f -> f.getFileName().toString().endsWith("Z"))
              .sorted()
              .toList();
    }
    for (Path old : damaged.subList(0, Math.max(0, damaged.size() - KEPT))) {
      Files.deleteIfExists(old);
      Files.deleteIfExists(sibling(old, "-wal"));
    }
  }

  private static Path sibling(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }
}
