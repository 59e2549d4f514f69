package org.depesche.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;

/// A file that is appended to and begun anew when it was moved away or deleted, as logrotate does.
final class LogFile implements LogOutput {

  private static final Duration CHECK_EVERY = Duration.ofSeconds(1);
  private static final Set<OpenOption> APPEND =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  private final Path path;
  private final Ticker ticker;

  /// Null while the file is not open.
  private @Nullable FileChannel channel;

  /// Inode of the open file; null where the file system has none.
  private @Nullable Object key;

  private long checkedNanos;

  LogFile(Path path, Ticker ticker) {
    this.path = path;
    this.ticker = ticker;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    FileChannel open = current();
    try {
      while (bytes.hasRemaining()) {
        open.write(bytes);
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private FileChannel current() throws IOException {
    FileChannel open = channel;
    long now = ticker.nanos();
    if (open != null && now - checkedNanos < CHECK_EVERY.toNanos()) {
      return open;
    }
    checkedNanos = now;
    if (open != null && open.isOpen() && isStillThere()) {
      return open;
    }
    close();
    open = open();
    channel = open;
    return open;
  }

  private boolean isStillThere() throws IOException {
    try {
      return Objects.equals(key, inode());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private FileChannel open() throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    FileChannel opened = FileChannel.open(path, APPEND, permissions());
    key = inode();
    return opened;
  }

  private @Nullable Object inode() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /// Addresses of people are not for everybody on the machine.
  private FileAttribute<?>[] permissions() {
    if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
    };
  }
}
