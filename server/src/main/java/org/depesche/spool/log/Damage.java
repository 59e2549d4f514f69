package org.depesche.spool.log;

import java.io.IOException;
import java.nio.file.Path;

/// Bytes that were good and are not any more: no torn end, but damage.
///
/// @param file a segment, or another file of the spool
/// @param offset where it begins
/// @param length how many bytes, up to the next good record
/// @param what what is known about it: the id of a message if its header can be read
public record Damage(Path file, long offset, long length, String what) {

  /// The same, when it could not be set aside.
  Damage withoutCopy(IOException why) {
    String more = ", and no copy of it could be kept (" + why.getMessage() + ")";
    return new Damage(file, offset, length, what + more);
  }

  @Override
  public String toString() {
    return file.getFileName() + ": " + length + " bytes at " + offset + " are damaged, " + what;
  }
}
