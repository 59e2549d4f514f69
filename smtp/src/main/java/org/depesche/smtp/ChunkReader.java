package org.depesche.smtp;

/// Watches over the content of BDAT chunks (RFC 3030 §2): it has no end mark and no dot-stuffing,
/// but unless it is BINARYMIME it is text like that of DATA, and a bare CR, bare LF or NUL spoils
/// it.
public final class ChunkReader {

  private final ContentSink sink;
  private final boolean binary;
  private boolean afterCr;
  private boolean spoilt;

  public ChunkReader(ContentSink sink, boolean binary) {
    this.sink = sink;
    this.binary = binary;
  }

  /// Takes the next bytes of the content; chunks may split it anywhere.
  public void read(byte[] in, int offset, int length) {
    if (!binary && !spoilt) {
      check(in, offset, length);
    }
    if (!spoilt && length > 0) {
      sink.write(in, offset, length);
    }
  }

  private void check(byte[] in, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      byte b = in[i];
      if (afterCr != (b == '\n') || b == 0) {
        spoilt = true;
        return;
      }
      afterCr = b == '\r';
    }
  }

  /// True when the content so far cannot be text; asked at its end, a CR at its end counts.
  public boolean isSpoilt(boolean atEnd) {
    return spoilt || atEnd && afterCr;
  }
}
