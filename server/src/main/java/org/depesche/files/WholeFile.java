package org.depesche.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Replaces files as a whole.
public final class WholeFile {

  /// What has to be done to a file, or to be true of it, before it counts.
  @FunctionalInterface
  public interface Condition {
    void on(Path fresh) throws IOException;
  }

  private WholeFile() {}

  /// Writes a file for its owner's eyes. Who looks finds what was there before or what is there
  /// now, also after a power cut: without the syncs some file systems keep the name and lose the
  /// content.
  ///
  /// @throws IOException when it could not be written, and what was there before still is; or when
  ///   only its name could not be synced
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, content, _ -> {});
  }

  /// The same on a condition; while that fails, what was there before stays.
  public static void replace(Path file, byte[] content, Condition condition) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      condition.on(fresh);
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
