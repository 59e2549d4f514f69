package org.depesche.message;

import java.io.ByteArrayOutputStream;

/// Brings what is to be a part of a message into seven bits.
public final class SevenBit {

  private SevenBit() {}

  /// Text as quoted-printable (RFC 2045 §6.7); its lines end in CRLF before and after.
  public static byte[] quotedPrintable(byte[] text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + text.length / 8);
    QuotedPrintable encoder = new QuotedPrintable(out);
    int begin = 0;
    for (int i = 0; i + 1 < text.length; i++) {
      if (text[i] == '\r' && text[i + 1] == '\n') {
        encoder.octets(text, begin, i - begin);
        encoder.lineEnd();
        begin = i + 2;
      }
    }
    encoder.octets(text, begin, text.length - begin);
    encoder.end();
    return out.toByteArray();
  }
}
