package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A Maildir that is there, with who syncs the file system it is on.
///
/// @param path the Maildir itself
/// @param above the folders between the mailbox root and it, root first, whose names for each other
///   and for it have to be durable too
/// @param group makes deliveries into it durable
/// @param staging where copies for it are written, when not in its own `tmp`
/// @param anchored true once they are durable up to the root
record Folder(
    Path path,
    List<Path> above,
    GroupSync group,
    Optional<Staging> staging,
    AtomicBoolean anchored) {

  Folder {
    above = List.copyOf(above);
  }

  Path tmp() {
    return path.resolve("tmp");
  }

  /// Where a copy is written that will have a name in `new`.
  Path unfinished(String name) throws IOException {
    if (staging.isEmpty()) {
      return tmp().resolve(name);
    }
    // Said now, while the folder can still be made; without staging the file system says it.
    if (!Files.isDirectory(fresh())) {
      throw new NoSuchFileException(fresh().toString());
    }
    return staging.get().next();
  }

  Path fresh() {
    return path.resolve("new");
  }

  Path cur() {
    return path.resolve("cur");
  }

  /// The folders whose names must be durable besides the one that holds a copy; none once they are.
  List<Path> unanchored() {
    if (anchored.get()) {
      return List.of();
    }
    List<Path> all = new ArrayList<>(above);
    all.add(path);
    return all;
  }
}
