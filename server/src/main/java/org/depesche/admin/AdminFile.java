package org.depesche.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// `admin.json` in the data folder: how a local program reaches the running server. Who may read it
/// may steer the server.
///
/// @param url base address of the API
/// @param token what requests must carry
/// @param pid the server's process
public record AdminFile(String url, int port, String token, long pid) {

  private static final String NAME = "admin.json";
  private static final int MAX_BYTES = 10_000;

  /// Reads the file of a data folder; empty when there is none, because no server runs.
  ///
  /// @throws AdminException when there is one that cannot be read
  public static Optional<AdminFile> read(Path dataDir) {
    Path file = dataDir.resolve(NAME);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("larger than " + MAX_BYTES + " bytes");
      }
      return Optional.of(Json.read(Files.readAllBytes(file), AdminFile.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException e) {
      throw new AdminException(file + " cannot be read: " + reason(e), e);
    }
  }

  /// Writes it, readable by its owner only, from the first byte on.
  void write(Path dataDir) throws IOException {
    Path file = dataDir.resolve(NAME);
    Path fresh = dataDir.resolve(NAME + ".new");
    Files.deleteIfExists(fresh);
    try (var channel =
        Files.newByteChannel(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly(fresh))) {
      var bytes = java.nio.ByteBuffer.wrap(Json.write(this));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Removes it, unless another server has written its own since.
  void remove(Path dataDir) throws IOException {
    if (read(dataDir).filter(this::equals).isPresent()) {
      Files.deleteIfExists(dataDir.resolve(NAME));
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };
  }

  private static String reason(Exception e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
