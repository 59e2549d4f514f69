package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Folders in which copies are written before they get their name in a Maildir, for file systems
/// where a Maildir's own `tmp` is slow.
///
/// **Why.** ext4 without a journal does not hand out an inode again for some minutes after its file
/// was deleted, and looks at each of those anew for every file it makes in the same block group.
/// Mailboxes from which mail is taken as fast as it comes then cost several times more than all the
/// rest of a delivery. Files live where the folder lives in which they were made; so a new folder
/// every now and then, each in a part of the disk of its own, keeps creation cheap wherever mail
/// was deleted. Some of those parts have been used before and their mail deleted since; what was
/// made there says so by the time it took, and the folder is left for another one.
///
/// **What it is.** `<root>/.%staging/<name>/`, a name no mailbox can have. Renaming a file from
/// there into `new` is as atomic as from `tmp`.
///
/// Safe for use by many threads.
final class Staging {

  /// Files made in a folder before the next is begun.
  static final int FILES_PER_FOLDER = 1000;

  /// Files whose quickest tells what making one costs in a folder, whatever else the machine does.
  static final int FILES_PER_TRIAL = 32;

  /// A folder is slow whose quickest file took as many times longer than the quickest elsewhere.
  private static final int SLOW = 2;

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final String NAME = ".%staging";

  /// Folders remembered to be removed when they are empty.
  private static final int MAX_LEFT_BEHIND = 64;

  private final Path parent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Path> leftBehind = new ArrayDeque<>();
  private @Nullable Path current;
  private int made;

  /// Nanoseconds: the quickest file of the running trial, and of folders that were not slow.
  private long quickestHere = Long.MAX_VALUE;

  private long quickest = Long.MAX_VALUE;
  private int timed;

  private Staging(Path parent) {
    this.parent = parent;
  }

  /// The staging folders of a mailbox root, made when they are missing.
  ///
  /// @param staleBefore what is older was left by a process that died, and is removed
  static Staging open(Path root, Instant staleBefore) throws IOException {
    Path parent = root.resolve(NAME);
    if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(parent, OWNER_ONLY);
    }
    sweep(parent, staleBefore);
    return new Staging(parent);
  }

  /// Where its folders lie; they should be spread over the disk.
  Path parent() {
    return parent;
  }

  /// A name for the next file, which nobody else gets.
  Path next() throws IOException {
    lock.lock();
    try {
      Path folder = current;
      if (folder == null || made >= FILES_PER_FOLDER) {
        folder = begin();
      }
      return folder.resolve(Integer.toString(made++));
    } finally {
      lock.unlock();
    }
  }

  /// A file was made under the name that was given last or shortly before.
  ///
  /// @param nanos how long that took
  void took(long nanos) {
    lock.lock();
    try {
      quickestHere = Math.min(quickestHere, nanos);
      if (++timed >= FILES_PER_TRIAL) {
        judge();
      }
    } finally {
      lock.unlock();
    }
  }

  private void judge() {
    if (quickestHere / SLOW > quickest) {
      made = FILES_PER_FOLDER;
      // When they are all slow, it is the machine that has become so.
      quickest += quickest / 16 + 1;
    } else {
      quickest = Math.min(quickest, quickestHere);
    }
    beginTrial();
  }

  private void beginTrial() {
    quickestHere = Long.MAX_VALUE;
    timed = 0;
  }

  /// Its folders may have been removed behind our back.
  void forget() {
    lock.lock();
    try {
      current = null;
    } finally {
      lock.unlock();
    }
  }

  private Path begin() throws IOException {
    Path before = current;
    if (before != null) {
      leftBehind.addLast(before);
    }
    if (!Files.isDirectory(parent)) {
      Files.createDirectory(parent, OWNER_ONLY);
    }
    Path begun = Files.createTempDirectory(parent, "", OWNER_ONLY);
    current = begun;
    made = 0;
    beginTrial();
    tidy();
    return begun;
  }

  /// Removes folders whose files have all gone to their mailboxes; one that still has some is asked
  /// again later.
  private void tidy() throws IOException {
    for (int i = leftBehind.size(); i > 0; i--) {
      Path folder = leftBehind.removeFirst();
      if (!removed(folder) && leftBehind.size() < MAX_LEFT_BEHIND) {
        leftBehind.addLast(folder);
      }
    }
  }

  private static boolean removed(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (DirectoryNotEmptyException _) {
      return false;
    }
  }

  private static void sweep(Path parent, Instant staleBefore) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent)) {
      for (Path folder : folders) {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          sweepFiles(folder, staleBefore);
          if (isOlder(folder, staleBefore)) {
            boolean _ = removed(folder);
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void sweepFiles(Path folder, Instant staleBefore) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (isOlder(file, staleBefore)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static boolean isOlder(Path path, Instant limit) throws IOException {
    try {
      return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(limit);
    } catch (NoSuchFileException _) {
      return false;
    }
  }
}
