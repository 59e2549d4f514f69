package org.depesche.directory;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.depesche.files.WholeFile;

/// The accounts that commands make, in a TOML file of the data folder. Edits replace the file as a
/// whole, under a lock, so that neither a crash nor a second editor leaves half of one behind. Only
/// its owner may read it, and that stays who it was, whoever edits it.
public final class AccountFile {

  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /// Some hundred thousand accounts; a larger file is another kind of file.
  private static final long MAX_BYTES = 128 << 20;

  private final Path path;

  /// A file's lock keeps other processes out, this one other threads.
  private final ReentrantLock editing = new ReentrantLock();

  public AccountFile(Path path) {
    this.path = path;
  }

  /// What the file system says of a version of the file; another version has another stamp.
  record Stamp(FileTime time, long size, String key) {}

  /// The accounts in the file; none when there is no file.
  ///
  /// @throws IOException when it cannot be read, with the place of the mistake in its message
  public List<Account> read() throws IOException {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new IOException(path + ": the file is larger than " + MAX_BYTES + " bytes");
      }
      return AccountText.parse(Files.readString(path), path.toString());
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (CharacterCodingException e) {
      throw new IOException(path + ": the file is not UTF-8", e);
    }
  }

  /// The stamp of the file as it is now; empty when there is none.
  Optional<Stamp> stamp() throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new Stamp(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// A change of all accounts.
  public interface Change {

    /// The accounts behind it.
    ///
    /// @throws IOException when it is not made
    List<Account> of(List<Account> accounts) throws IOException;
  }

  /// Changes the accounts; nobody else changes them meanwhile.
  ///
  /// @throws IOException when the file cannot be read or written, or the change would give an
  ///   address twice; it is then as it was
  public void edit(Change change) throws IOException {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    Files.createDirectories(folder, PRIVATE_FOLDER);
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    editing.lock();
    try (FileChannel channel =
            FileChannel.open(
                lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE_FILE);
        FileLock _ = channel.lock()) {
      List<Account> changed = change.of(read());
      List<String> duplicates = Snapshot.duplicates(changed);
      if (!duplicates.isEmpty()) {
        throw new IOException(String.join("; ", duplicates));
      }
      write(changed, folder);
    } catch (OverlappingFileLockException e) {
      throw new IOException(path + " is being edited elsewhere in this process", e);
    } finally {
      editing.unlock();
    }
  }

  private void write(List<Account> accounts, Path folder) throws IOException {
    Path like = Files.exists(path) ? path : folder;
    byte[] text = AccountText.format(accounts).getBytes(StandardCharsets.UTF_8);
    WholeFile.replace(path, text, fresh -> keepOwner(fresh, like));
  }

  /// An administrator's edit must not take the file away from the server's user.
  private static void keepOwner(Path file, Path like) throws IOException {
    UserPrincipal owner = Files.getOwner(like, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getOwner(file))) {
      Files.setOwner(file, owner);
    }
  }
}
