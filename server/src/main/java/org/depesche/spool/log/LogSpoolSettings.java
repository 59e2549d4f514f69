package org.depesche.spool.log;

import java.nio.file.Path;
import java.time.Duration;

/// How a log spool works.
///
/// @param path its folder
/// @param segmentSize bytes of a segment file; 1 MiB at least
/// @param lowSpaceBytes with less space than this on the disk, no message is begun
/// @param commitTimeout how long a commit may take before its sender is told to come again
public record LogSpoolSettings(
    Path path, int segmentSize, long lowSpaceBytes, Duration commitTimeout) {

  public static final int MIN_SEGMENT_SIZE = 1 << 20;

  public LogSpoolSettings {
    if (segmentSize < MIN_SEGMENT_SIZE) {
      throw new IllegalArgumentException("a segment has " + MIN_SEGMENT_SIZE + " bytes at least");
    }
  }
}
