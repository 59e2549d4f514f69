package org.depesche.message;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;

/// The base64 encoding of content (RFC 2045 §6.8), in lines of 76 characters.
final class Base64Lines implements LineEncoder {

  private static final int OCTETS_PER_LINE = 57;

  private final ByteArrayOutputStream out;
  private final byte[] waiting = new byte[OCTETS_PER_LINE];
  private int length;
  private boolean lineIsOpen;

  Base64Lines(ByteArrayOutputStream out) {
    this.out = out;
  }

  @Override
  public void octets(byte[] bytes, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      octet(bytes[i]);
    }
  }

  private void octet(byte b) {
    waiting[length++] = b;
    if (length == OCTETS_PER_LINE) {
      line();
    }
  }

  private void line() {
    if (lineIsOpen) {
      out.write('\r');
      out.write('\n');
    }
    out.writeBytes(Base64.getEncoder().encode(Arrays.copyOf(waiting, length)));
    lineIsOpen = true;
    length = 0;
  }

  @Override
  public void lineEnd() {
    octet((byte) '\r');
    octet((byte) '\n');
  }

  @Override
  public void end() {
    if (length > 0) {
      line();
    }
  }
}
