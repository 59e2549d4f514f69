package org.depesche.smtp;

import java.util.Optional;

/// Watches over the chunks of a message sent by BDAT (RFC 3030 §2): no dots are added there and the
/// end is counted, but text consists of lines that end in CRLF all the same. A CR may end one chunk
/// and its LF begin the next.
public final class ChunkReader {

  private final boolean text;
  private boolean afterCr;
  private Optional<Violation> violation = Optional.empty();

  private ChunkReader(boolean text) {
    this.text = text;
  }

  /// For a message of lines.
  public static ChunkReader ofText() {
    return new ChunkReader(true);
  }

  /// For BODY=BINARYMIME: all octets are content (RFC 3030 §3).
  public static ChunkReader ofBinary() {
    return new ChunkReader(false);
  }

  /// Takes the next bytes and passes them on, unless something was wrong up to them.
  public void read(byte[] bytes, int offset, int length, ContentSink sink) {
    if (text && violation.isEmpty()) {
      check(bytes, offset, offset + length);
    }
    if (length > 0 && violation.isEmpty()) {
      sink.write(bytes, offset, length);
    }
  }

  /// The last chunk has ended.
  public void end() {
    if (afterCr) {
      violate(Violation.BARE_CR);
    }
  }

  /// What was wrong first, if anything.
  public Optional<Violation> violation() {
    return violation;
  }

  private void check(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to && violation.isEmpty()) {
      if (afterCr) {
        if (bytes[i] != '\n') {
          violate(Violation.BARE_CR);
        }
        afterCr = false;
        i++;
        continue;
      }
      i = ControlScan.next(bytes, i, to);
      if (i < to) {
        switch (bytes[i++]) {
          case '\r' -> afterCr = true;
          case '\n' -> violate(Violation.BARE_LF);
          default -> violate(Violation.NUL);
        }
      }
    }
  }

  private void violate(Violation what) {
    if (violation.isEmpty()) {
      violation = Optional.of(what);
    }
  }
}
