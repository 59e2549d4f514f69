package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// The disk of this machine.
final class HostDisk implements Disk {

  private static final Set<OpenOption> NEW_FILE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private final FileAttribute<?> ownerOnly =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  @Override
  public OpenFile create(Path file) throws IOException {
    return new ChannelFile(FileChannel.open(file, NEW_FILE, ownerOnly));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public Optional<SharedSync> sharedSync(Path folder) {
    return FileSystemSync.open(folder);
  }

  @Override
  public Optional<Staging> staging(Path root, Instant staleBefore) {
    try {
      if (!SpreadFolders.areOfUse(root)) {
        return Optional.empty();
      }
      Staging staging = Staging.open(root, staleBefore);
      SpreadFolders.in(staging.parent());
      return Optional.of(staging);
    } catch (IOException | UnsupportedOperationException | IllegalCallerException _) {
      return Optional.empty();
    }
  }

  private record ChannelFile(FileChannel channel) implements OpenFile {

    @Override
    public void write(ByteBuffer from) throws IOException {
      while (from.hasRemaining()) {
        channel.write(from);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException _) {
        // Says nothing that sync has not said: a file that counts was synced before.
      }
    }
  }
}
