package org.depesche.dsn;

import org.depesche.message.SevenBit;

/// The part of a notification in which something of the original message goes back (RFC 6522 §3).
///
/// @param type the Content-Type
/// @param encoding the Content-Transfer-Encoding
/// @param bytes before they are encoded
record ReturnedPart(String type, String encoding, byte[] bytes) {

  private static final String QUOTED = "quoted-printable";

  /// As it is.
  static ReturnedPart plain(String type, byte[] bytes) {
    return new ReturnedPart(type, isEightBit(bytes) ? "8bit" : "7bit", bytes);
  }

  /// With UTF-8 in a header, which only a server with SMTPUTF8 takes as it is.
  ///
  /// @param utf8 whether all servers on the way back offer SMTPUTF8
  static ReturnedPart global(String type, byte[] bytes, boolean utf8) {
    // RFC 6533 §4.5. Programs that do not expect an encoding here still see most of it as it is.
    return utf8 ? plain(type, bytes) : new ReturnedPart(type, QUOTED, bytes);
  }

  boolean isEightBit() {
    return encoding.equals("8bit");
  }

  byte[] encoded() {
    return encoding.equals(QUOTED) ? SevenBit.quotedPrintable(bytes) : bytes;
  }

  static boolean isEightBit(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return true;
      }
    }
    return false;
  }
}
