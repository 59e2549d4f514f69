package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramVerifier;

/// Texts to keep of a new password.
public final class NewPassword {

  /// Each guess costs a thief this much, each login a client's device as much.
  public static final int SCRAM_ITERATIONS = 100_000;

  private static final int SCRAM_SALT = 16;

  /// Letters and digits that are not taken for each other: five bits each.
  private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

  private static final int LENGTH = 20;

  private NewPassword() {}

  /// A password of 100 bits, easy to read and to type: five groups of four letters and digits.
  ///
  /// @param random a secure one
  public static String random(RandomGenerator random) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      if (i > 0 && i % 4 == 0) {
        out.append('-');
      }
      out.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return out.toString();
  }

  /// Argon2id with a salt of its own.
  ///
  /// @param random a secure one
  public static String argon2id(String password, RandomGenerator random) {
    return Argon2Hash.of(Preparation.prepared(password).getBytes(UTF_8), random).toString();
  }

  /// What strangers are compared with: it costs as much as a new hash, and fits no password.
  public static String decoy(RandomGenerator random) {
    return Argon2Hash.ofNothing(random).toString();
  }

  /// To keep beside the Argon2id hash, for those who log in by SCRAM; none when RFC 4013 does not
  /// allow the password. A thief will guess at this one: it is cheaper than Argon2id.
  public static Optional<ScramVerifier> scram(
      ScramHash hash, String password, RandomGenerator random) {
    byte[] salt = new byte[SCRAM_SALT];
    random.nextBytes(salt);
    return ScramVerifier.of(hash, password, salt, SCRAM_ITERATIONS);
  }
}
