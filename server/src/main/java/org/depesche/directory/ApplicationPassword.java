package org.depesche.directory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.depesche.directory.password.NewPassword;

/// A password of an account for one program, which can be taken away again without any other
/// noticing. Made by this program and as good as random octets, so that a plain digest of it can be
/// kept: there is nothing to guess.
///
/// @param name given by who uses it; letters, digits, hyphens and dots
/// @param digest SHA-256 of the password, in hexadecimal
/// @param messages how many messages it may be used for; empty for what the account may
public record ApplicationPassword(
    String name, String digest, Instant made, Optional<Limit> messages) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,63}");
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  /// So many in a time.
  public record Limit(long amount, Duration per) {}

  /// A password that was just made.
  ///
  /// @param password as [NewPassword#random] makes it
  public static ApplicationPassword of(
      String name, String password, Instant made, Optional<Limit> messages) {
    return new ApplicationPassword(name, digest(password.getBytes(UTF_8)), made, messages);
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
