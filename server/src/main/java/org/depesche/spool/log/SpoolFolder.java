package org.depesche.spool.log;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What stands in a spool's folder beside the log: the lock that keeps a second process out, and
/// the file that says which format it has.
final class SpoolFolder {

  private static final String FORMAT = "depesche-spool 1";

  private SpoolFolder() {}

  /// Makes the folder if need be and takes its lock; closing the channel lets go of it.
  static FileChannel lock(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      make(folder);
    }
    Path lock = folder.resolve("lock");
    return lock(FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE), false);
  }

  /// What is synced in a folder is lost with the power all the same when the folder's own name is,
  /// or that of one above it. This is the first start, so which of them are new is not known.
  private static void make(Path folder) throws IOException {
    // Mail is nobody else's business, whatever the folder around it allows.
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path above = folder.toAbsolutePath().getParent();
    while (above != null) {
      try (FileChannel channel = FileChannel.open(above, StandardOpenOption.READ)) {
        channel.force(true);
      } catch (IOException _) {
        // One that is not ours to read was there before.
      }
      above = above.getParent();
    }
  }

  /// Takes the lock of a spool that is there, for reading it. Null when it has none: then nobody
  /// has it open.
  ///
  /// @throws IOException when there is no spool, or it is in use
  static @Nullable FileChannel lockExisting(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no such folder");
    }
    Path format = folder.resolve("format");
    if (!hasSegments(folder) && !(Files.exists(format) && text(format).equals(FORMAT))) {
      throw new IOException("there is no spool in it");
    }
    Path lock = folder.resolve("lock");
    return Files.exists(lock) ? lock(FileChannel.open(lock, StandardOpenOption.READ), true) : null;
  }

  private static FileChannel lock(FileChannel channel, boolean shared) throws IOException {
    try {
      FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
      if (lock == null) {
        throw new IOException("another process has it locked");
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException("this process has it open already and locked", e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return channel;
  }

  /// Finds out whether this version can read the folder, and writes its format if it has none.
  ///
  /// @return what is damaged
  /// @throws IOException when a later version wrote it, or it is something else
  static List<Damage> checkFormat(Path folder) throws IOException {
    Path file = folder.resolve("format");
    List<Damage> damages = List.of();
    if (Files.exists(file)) {
      damages = damages(folder);
      if (damages.isEmpty() && text(file).equals(FORMAT)) {
        return damages;
      }
      if (!damages.isEmpty()) {
        try {
          Path aside = Files.createDirectories(DamagedFolder.in(folder)).resolve("format");
          Files.copy(file, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
          return damages.stream().map(damage -> damage.withoutCopy(e)).toList();
        }
      }
    }
    Files.writeString(file, FORMAT + "\n");
    return damages;
  }

  /// What is damaged in the file that says the format; empty when there is none, as after a crash.
  ///
  /// @throws IOException when a later version wrote it, or it is something else
  static List<Damage> damages(Path folder) throws IOException {
    Path file = folder.resolve("format");
    String text = Files.exists(file) ? text(file) : "";
    if (text.isEmpty() || text.equals(FORMAT)) {
      return List.of();
    }
    if (text.matches("depesche-spool [0-9]+")) {
      throw new IOException("its format is '" + text + "', this version reads '" + FORMAT + "'");
    }
    if (!hasSegments(folder)) {
      throw new IOException("it is no spool: " + file + " says something else");
    }
    // The segments say their version themselves.
    int length = (int) Math.min(Files.size(file), Integer.MAX_VALUE);
    return List.of(new Damage(file, 0, length, "it does not say which format this is"));
  }

  private static String text(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(64), ISO_8859_1).strip();
    }
  }

  private static boolean hasSegments(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(f -> Segment.sequence(f.getFileName().toString()) > 0);
    }
  }
}
