package org.depesche.directory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.depesche.directory.password.NewPassword;

/// A password of an account for one program, which can be taken away again without any other
/// noticing. Made by this program and as good as random octets, so that a plain digest of it can be
/// kept: there is nothing to guess.
///
/// @param name given by who uses it; letters, digits, hyphens and dots
/// @param digest SHA-256 of the password, in hexadecimal
/// @param limits what may be sent with it, beside what the account may
public record ApplicationPassword(String name, String digest, Instant made, SendingLimits limits) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,63}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /// A password that was just made.
  ///
  /// @param password as [NewPassword#random] makes it
  public static ApplicationPassword of(
      String name, String password, Instant made, SendingLimits limits) {
    return new ApplicationPassword(name, digest(password.getBytes(UTF_8)), made, limits);
  }

  /// True for what can be a name.
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  static boolean isDigest(String text) {
    return DIGEST.matcher(text).matches();
  }

  /// Whether this is the password.
  public boolean matches(byte[] password) {
    return MessageDigest.isEqual(digest.getBytes(UTF_8), digest(password).getBytes(UTF_8));
  }

  private static String digest(byte[] password) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(password));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
