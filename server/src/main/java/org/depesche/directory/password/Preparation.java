package org.depesche.directory.password;

import java.text.Normalizer;

/// RFC 8265 §4.2.2: what keyboards spell differently is one password.
public final class Preparation {

  private Preparation() {}

  /// Spaces of all kinds become that of ASCII, the rest becomes NFC.
  public static String prepared(String password) {
    StringBuilder spaced = new StringBuilder(password.length());
    password
        .codePoints()
        .forEach(
            c ->
                spaced.appendCodePoint(
                    Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c));
    return Normalizer.normalize(spaced, Normalizer.Form.NFC);
  }
}
