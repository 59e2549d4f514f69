package org.depesche.message;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/// The quoted-printable encoding of text (RFC 2045 §6.7).
final class QuotedPrintable implements LineEncoder {

  private static final int LONGEST_LINE = 76;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(US_ASCII);

  private final ByteArrayOutputStream out;
  private int column;
  private int space = -1; // a space or tab of which it is not known yet whether it ends a line

  QuotedPrintable(ByteArrayOutputStream out) {
    this.out = out;
  }

  @Override
  public void octets(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      octet(bytes[i]);
    }
  }

  private void octet(byte b) {
    releaseSpace(false);
    if (b == ' ' || b == '\t') {
      space = b;
    } else if (b > ' ' && b < 0x7f && b != '=') {
      visible(b);
    } else {
      quoted(b);
    }
  }

  /// Written as it is, but not at the beginning of a line where it would mean something there.
  private void visible(byte b) {
    room(1);
    // Two hyphens may be a boundary (RFC 2046 §5.1.1). A dot and the F of "From " are what some
    // servers change.
    if (column == 0 && (b == '-' || b == '.' || b == 'F')) {
      quoted(b);
    } else {
      literal(b);
    }
  }

  /// Rule 3: what ends a line must not be white space.
  private void releaseSpace(boolean endsLine) {
    if (space >= 0) {
      byte b = (byte) space;
      space = -1;
      if (endsLine) {
        quoted(b);
      } else {
        literal(b);
      }
    }
  }

  private void literal(byte b) {
    room(1);
    out.write(b);
    column++;
  }

  private void quoted(byte b) {
    room(3);
    out.write('=');
    out.write(HEX[(b >> 4) & 0xf]);
    out.write(HEX[b & 0xf]);
    column += 3;
  }

  /// Rule 5: a soft line break, where the line would become too long with it.
  private void room(int octets) {
    if (column + octets > LONGEST_LINE - 1) {
      out.write('=');
      out.write('\r');
      out.write('\n');
      column = 0;
    }
  }

  @Override
  public void lineEnd() {
    releaseSpace(true);
    out.write('\r');
    out.write('\n');
    column = 0;
  }

  @Override
  public void end() {
    releaseSpace(true);
  }
}
