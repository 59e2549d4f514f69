package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// SHA-crypt by Ulrich Drepper's specification: `$6$rounds=5000$salt$hash` with SHA-512, `$5$` with
/// SHA-256.
record ShaCryptHash(String algorithm, int rounds, String salt, String hash)
    implements PasswordHash {

  private static final int MIN_ROUNDS = 1000;
  private static final int DEFAULT_ROUNDS = 5000;

  /// The specification goes to 999,999,999, which takes minutes.
  private static final int MAX_ROUNDS = 2_000_000;

  private static final Pattern FORM =
      Pattern.compile(
          "\\$([56])\\$(?:rounds=(\\d{1,7})\\$)?([^$:\\n"
              + "]{0,16})\\$([./0-9A-Za-z]{43}|[./0-9A-Za-z]{86})");

  private static final String ALPHABET =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  static Optional<ShaCryptHash> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    boolean long512 = form.group(1).equals("6");
    int rounds =
        form.group(2) == null
            ? DEFAULT_ROUNDS
            : Math.max(MIN_ROUNDS, Integer.parseInt(form.group(2)));
    return rounds <= MAX_ROUNDS && form.group(4).length() == (long512 ? 86 : 43)
        ? Optional.of(
            new ShaCryptHash(long512 ? "SHA-512" : "SHA-256", rounds, form.group(3), form.group(4)))
        : Optional.empty();
  }

  @Override
  public boolean matches(byte[] password) {
    byte[] actual = encoded(digest(password, salt.getBytes(UTF_8))).getBytes(US_ASCII);
    return MessageDigest.isEqual(hash.getBytes(US_ASCII), actual);
  }

  /// Steps 1 to 21 of the specification.
  private byte[] digest(byte[] password, byte[] salt) {
    MessageDigest sha = sha();
    byte[] b = hashed(sha, password, salt, password);
    sha.update(password);
    sha.update(salt);
    sha.update(repeated(b, password.length));
    for (int bits = password.length; bits > 0; bits >>= 1) {
      sha.update((bits & 1) == 1 ? b : password);
    }
    byte[] a = sha.digest();
    for (int i = 0; i < password.length; i++) {
      sha.update(password);
    }
    byte[] p = repeated(sha.digest(), password.length);
    for (int i = 0; i < 16 + (a[0] & 0xff); i++) {
      sha.update(salt);
    }
    byte[] s = repeated(sha.digest(), salt.length);
    for (int round = 0; round < rounds; round++) {
      boolean odd = (round & 1) == 1;
      sha.update(odd ? p : a);
      if (round % 3 != 0) {
        sha.update(s);
      }
      if (round % 7 != 0) {
        sha.update(p);
      }
      sha.update(odd ? a : p);
      a = sha.digest();
    }
    return a;
  }

  private MessageDigest sha() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  private static byte[] hashed(MessageDigest sha, byte[]... parts) {
    for (byte[] part : parts) {
      sha.update(part);
    }
    return sha.digest();
  }

  private static byte[] repeated(byte[] digest, int length) {
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      out[i] = digest[i % digest.length];
    }
    return out;
  }

  /// Step 22: triples whose places wander through the three thirds of the digest.
  private static String encoded(byte[] d) {
    StringBuilder out = new StringBuilder(86);
    int third = d.length / 3;
    int[] at = {0, third, 2 * third};
    boolean large = d.length == 64;
    for (int i = 0; i < third; i++) {
      append(out, d[at[0]], d[at[1]], d[at[2]], 4);
      at =
          large
              ? new int[] {at[1] + 1, at[2] + 1, at[0] + 1}
              : new int[] {at[2] + 1, at[0] + 1, at[1] + 1};
    }
    if (large) {
      append(out, (byte) 0, (byte) 0, d[63], 2);
    } else {
      append(out, (byte) 0, d[31], d[30], 3);
    }
    return out.toString();
  }

  private static void append(StringBuilder out, byte high, byte middle, byte low, int characters) {
    int bits = (high & 0xff) << 16 | (middle & 0xff) << 8 | low & 0xff;
    for (int i = 0; i < characters; i++) {
      out.append(ALPHABET.charAt(bits & 0x3f));
      bits >>= 6;
    }
  }

  @Override
  public String toString() {
    return algorithm + "-crypt, " + rounds + " rounds";
  }
}
