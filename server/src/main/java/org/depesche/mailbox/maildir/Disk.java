package org.depesche.mailbox.maildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// The file system calls that put a message into a mailbox and make it stay there.
interface Disk {

  /// Makes a file nobody else can read.
  ///
  /// @throws java.nio.file.FileAlreadyExistsException when the name is taken
  OpenFile create(Path file) throws IOException;

  /// Gives a file another name on the same file system, in one step; a file of that name is
  /// replaced.
  void rename(Path from, Path to) throws IOException;

  /// Removes a file; one that is not there is no error.
  void delete(Path file) throws IOException;

  /// Makes the names in a folder durable.
  void syncFolder(Path folder) throws IOException;

  /// A way to make everything on the file system of a folder durable at once, where there is one
  /// that can be trusted.
  Optional<SharedSync> sharedSync(Path folder);

  /// Where to write copies for Maildirs on the file system of a mailbox root; empty where their own
  /// `tmp` is as good.
  ///
  /// @param staleBefore what is older there was left by a process that died
  Optional<Staging> staging(Path root, Instant staleBefore);

  /// A file being written.
  interface OpenFile extends AutoCloseable {

    /// Appends all of the buffer.
    void write(ByteBuffer from) throws IOException;

    /// Makes the bytes and the length durable.
    void sync() throws IOException;

    @Override
    void close();
  }

  /// Makes everything written to one file system before the call durable, names included.
  interface SharedSync extends AutoCloseable {

    /// Returns when it is so.
    ///
    /// @throws IOException also when something else on the file system could not be written
    void sync() throws IOException;

    @Override
    void close();
  }
}
