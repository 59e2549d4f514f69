package org.depesche.message;

import java.io.ByteArrayOutputStream;

/// Content that is base64 already, in lines of 76 characters: its line ends mean nothing (RFC 2045
/// §6.8).
final class FoldedLines implements LineEncoder {

  private static final int LONGEST_LINE = 76;

  private final ByteArrayOutputStream out;
  private int column;

  FoldedLines(ByteArrayOutputStream out) {
    this.out = out;
  }

  @Override
  public void octets(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      octet(bytes[i]);
    }
  }

  private void octet(byte b) {
    if (column == LONGEST_LINE) {
      lineEnd();
      if (b == '-') {
        // No base64, so a reader skips it like the space, behind which it begins no boundary.
        out.write(' ');
        column++;
      }
    }
    out.write(b);
    column++;
  }

  @Override
  public void lineEnd() {
    out.write('\r');
    out.write('\n');
    column = 0;
  }

  @Override
  public void end() {}
}
