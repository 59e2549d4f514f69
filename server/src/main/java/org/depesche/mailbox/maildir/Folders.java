package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// Finds Maildirs and makes those that are missing.
///
/// **Symbolic links.** The mailbox root, and the folders down to a Maildir, may be links an
/// administrator made, as long as they stay within the root; one that leads out is refused. `tmp`,
/// `new` and `cur` are never links. What is outside the root is brought in by a mount, or by making
/// the root itself a link. Looked at when a folder is first used and from then on trusted: nobody
/// but the administrator may write in the root.
final class Folders implements AutoCloseable {

  /// Most Maildirs remembered; beyond it, all are forgotten, and found again by a few looks at the
  /// disk each.
  static final int MAX_REMEMBERED = 20_000;

  /// Age from which a file in `tmp` is taken for the leftover of a delivery that died; the Maildir
  /// convention.
  static final Duration STALE = Duration.ofHours(36);

  /// Most leftovers removed when a Maildir is first used.
  static final int MAX_SWEPT = 1000;

  private static final String DEVICE = "unix:dev";

  private final Disk disk;
  private final InstantSource clock;
  private final Path root;
  private final Map<Path, Folder> folders = new ConcurrentHashMap<>();
  private final Map<Object, FileSystem> fileSystems = new HashMap<>();
  private final FileAttribute<?> ownerOnly =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private boolean closed;

  /// What Maildirs on one file system share.
  private record FileSystem(GroupSync sync, Optional<Staging> staging) {}

  Folders(Disk disk, InstantSource clock, Path root) {
    this.disk = disk;
    this.clock = clock;
    this.root = root;
  }

  /// The Maildir at a path within the root.
  Folder open(Path path) throws IOException {
    Folder known = folders.get(path);
    if (known != null) {
      return known;
    }
    refuseOutside(path);
    for (String name : List.of("tmp", "new", "cur")) {
      Path part = path.resolve(name);
      make(part);
      if (!Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(part + " is no folder");
      }
    }
    refuseOutside(path);
    FileSystem on = fileSystem(path);
    Folder folder = new Folder(path, above(path), on.sync(), on.staging(), new AtomicBoolean());
    sweep(folder);
    if (folders.size() >= MAX_REMEMBERED) {
      folders.clear();
    }
    Folder other = folders.putIfAbsent(path, folder);
    return other == null ? folder : other;
  }

  /// Looks at what there is of a path, before anything is made in it and when all of it is there.
  private void refuseOutside(Path path) throws IOException {
    Path there = path;
    while (!Files.exists(there) && there.startsWith(root) && there.getParent() != null) {
      there = there.getParent();
    }
    if (there.startsWith(root) && !there.toRealPath().startsWith(root.toRealPath())) {
      throw new IOException(path + " is a link that leads out of " + root);
    }
  }

  /// Forgets a Maildir that turned out to be gone.
  void forget(Folder folder) {
    folders.remove(folder.path(), folder);
    folder.staging().ifPresent(Staging::forget);
  }

  /// Finishes what waits to be synced.
  @Override
  public void close() {
    Collection<FileSystem> all;
    synchronized (fileSystems) {
      closed = true;
      all = List.copyOf(fileSystems.values());
    }
    all.forEach(on -> on.sync().close());
  }

  private void make(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      make(parent);
    }
    try {
      Files.createDirectory(folder, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private List<Path> above(Path path) {
    List<Path> above = new ArrayList<>();
    Path parent = path.getParent();
    while (parent != null && parent.startsWith(root)) {
      above.addFirst(parent);
      parent = parent.getParent();
    }
    return above;
  }

  private FileSystem fileSystem(Path path) throws IOException {
    Object device = Files.getAttribute(path, DEVICE);
    boolean onRoots = device.equals(Files.getAttribute(root, DEVICE));
    synchronized (fileSystems) {
      if (closed) {
        throw new IOException("the mailbox store is closed");
      }
      FileSystem known = fileSystems.get(device);
      if (known == null) {
        // A copy gets its name by renaming, which only works within a file system.
        known =
            new FileSystem(
                new GroupSync(disk, disk.sharedSync(path)),
                onRoots ? disk.staging(root, clock.instant().minus(STALE)) : Optional.empty());
        known.sync().start();
        fileSystems.put(device, known);
      }
      return known;
    }
  }

  private void sweep(Folder folder) throws IOException {
    Instant limit = clock.instant().minus(STALE);
    int swept = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.tmp())) {
      for (Path file : files) {
        if (swept < MAX_SWEPT && isOlder(file, limit)) {
          disk.delete(file);
          swept++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static boolean isOlder(Path file, Instant limit) throws IOException {
    try {
      return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(limit);
    } catch (NoSuchFileException _) {
      // Placed, or swept by another, since the folder was listed.
      return false;
    }
  }
}
