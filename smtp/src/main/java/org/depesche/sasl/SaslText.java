package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Optional;

/// Octets of messages as text.
final class SaslText {

  /// RFC 4616 §2 asks for 255 octets at least.
  static final int MAX_NAME = 1024;

  private SaslText() {}

  /// Valid UTF-8 without NUL, or nothing.
  static Optional<String> decode(byte[] octets) {
    try {
      return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString())
          .filter(text -> text.indexOf('\0') < 0);
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /// A name as the directory is asked for it: RFC 4013, not empty, not endless.
  static Optional<String> name(String text) {
    return text.length() > MAX_NAME
        ? Optional.empty()
        : SaslPrep.query(text).filter(n -> !n.isEmpty());
  }

  static Optional<byte[]> base64(String text) {
    try {
      // What is not in canonical form is not taken: the encoder must give it back.
      byte[] octets = Base64.getDecoder().decode(text);
      return Base64.getEncoder().encodeToString(octets).equals(text)
          ? Optional.of(octets)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static String base64(byte[] octets) {
    return Base64.getEncoder().encodeToString(octets);
  }
}
