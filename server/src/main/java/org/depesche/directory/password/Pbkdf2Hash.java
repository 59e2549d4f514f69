package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// PBKDF2, as passlib writes it (`$pbkdf2-sha256$29000$salt$hash`) and as Dovecot does
/// (`$1$salt$5000$hex`, with SHA-1).
record Pbkdf2Hash(String hmac, int iterations, byte[] salt, byte[] hash) implements PasswordHash {

  private static final int MAX_ITERATIONS = 2_000_000;
  private static final Pattern PASSLIB =
      Pattern.compile(
          "\\$pbkdf2(-sha256|-sha512)?\\$([1-9]\\d{0,6})\\$([A-Za-z0-9./]{1,88})\\$([A-Za-z0-9./]{22,86})");
  private static final Pattern DOVECOT =
      Pattern.compile("\\$1\\$([^$]{1,64})\\$([1-9]\\d{0,6})\\$([0-9a-f]{40})");

  static Optional<Pbkdf2Hash> parse(String text) {
    Matcher form = PASSLIB.matcher(text);
    if (!form.matches() || Integer.parseInt(form.group(2)) > MAX_ITERATIONS) {
      return Optional.empty();
    }
    String hmac =
        form.group(1) == null ? "HmacSHA1" : "HmacSHA" + form.group(1).substring("-sha".length());
    int length = hmac.equals("HmacSHA1") ? 20 : hmac.equals("HmacSHA256") ? 32 : 64;
    try {
      byte[] salt = decoded(form.group(3));
      byte[] hash = decoded(form.group(4));
      return hash.length == length
          ? Optional.of(new Pbkdf2Hash(hmac, Integer.parseInt(form.group(2)), salt, hash))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Base64 with `.` for `+` and without padding.
  private static byte[] decoded(String text) {
    return Base64.getDecoder().decode(text.replace('.', '+'));
  }

  static Optional<Pbkdf2Hash> parseDovecot(String text) {
    Matcher form = DOVECOT.matcher(text);
    if (!form.matches() || Integer.parseInt(form.group(2)) > MAX_ITERATIONS) {
      return Optional.empty();
    }
    return Optional.of(
        new Pbkdf2Hash(
            "HmacSHA1",
            Integer.parseInt(form.group(2)),
            form.group(1).getBytes(US_ASCII),
            HexFormat.of().parseHex(form.group(3))));
  }

  @Override
  public boolean matches(byte[] password) {
    char[] text = new String(password, UTF_8).toCharArray();
    try {
      byte[] actual =
          SecretKeyFactory.getInstance("PBKDF2With" + hmac)
              .generateSecret(new PBEKeySpec(text, salt, iterations, hash.length * 8))
              .getEncoded();
      return MessageDigest.isEqual(hash, actual);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has PBKDF2With" + hmac, e);
    }
  }

  @Override
  public String toString() {
    return "PBKDF2 with " + hmac + ", " + iterations + " iterations";
  }
}
