package org.depesche.spool.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// What the log asks of a file system; a seam, so that tests can take power and space away.
interface FileLayer {

  /// Opens a file for reading and writing, making it if need be.
  LogFile open(Path path) throws IOException;

  /// Opens a file that is there for reading.
  LogFile read(Path path) throws IOException;

  void rename(Path from, Path to) throws IOException;

  void delete(Path path) throws IOException;

  /// Makes renames, new names and deletions in a folder durable.
  void forceFolder(Path folder) throws IOException;

  /// Files in a folder.
  List<Path> list(Path folder) throws IOException;

  long usableBytes(Path folder) throws IOException;

  /// An open file. Positions are absolute; reading is safe while another thread writes elsewhere.
  interface LogFile extends AutoCloseable {

    long size() throws IOException;

    /// Writes all of the buffer.
    void write(ByteBuffer from, long position) throws IOException;

    /// Reads until the buffer is full or the file ends; how many bytes that were.
    int read(ByteBuffer into, long position) throws IOException;

    /// Brings content and length to stable storage.
    void force() throws IOException;

    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;
  }
}
