package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a server keeps of a password for SCRAM: enough to check a proof, not enough to make one.
///
/// Whoever steals it guesses passwords at the price of `iterations` HMACs each, so it is the weaker
/// neighbour of an Argon2id hash.
public record ScramVerifier(
    ScramHash hash, byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {

  /// RFC 7677 §3: fewer are not enough.
  public static final int MIN_ITERATIONS = 4096;

  /// More would let one stored line, or one server, keep a core busy for seconds.
  public static final int MAX_ITERATIONS = 2_000_000;

  static final int MAX_SALT = 256;

  private static final Pattern STORED =
      Pattern.compile(
          "(SCRAM-SHA-256|SCRAM-SHA-1)\\$(\\d{4,7}):([A-Za-z0-9+/=]{1,344})"
              + "\\$([A-Za-z0-9+/=]{28,44}):([A-Za-z0-9+/=]{28,44})");

  public ScramVerifier {
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException("iterations: " + iterations);
    }
    if (salt.length == 0 || salt.length > MAX_SALT) {
      throw new IllegalArgumentException("octets of salt: " + salt.length);
    }
    if (storedKey.length != hash.length() || serverKey.length != hash.length()) {
      throw new IllegalArgumentException("keys are not of " + hash.scheme());
    }
  }

  /// The verifier of a password; none when RFC 4013 does not allow it (RFC 5802 §2.2).
  public static Optional<ScramVerifier> of(
      ScramHash hash, String password, byte[] salt, int iterations) {
    return SaslPrep.stored(password)
        .filter(p -> !p.isEmpty())
        .map(p -> hash.salted(p.getBytes(UTF_8), salt, iterations))
        .map(
            salted ->
                new ScramVerifier(
                    hash,
                    salt,
                    iterations,
                    hash.digest(hash.hmac(salted, "Client Key".getBytes(UTF_8))),
                    hash.hmac(salted, "Server Key".getBytes(UTF_8))));
  }

  /// True for verifiers with spaces between them, at least one.
  public static boolean areAll(String text) {
    return Arrays.stream(text.split(" +", -1)).allMatch(each -> parse(each).isPresent());
  }

  /// Reads what [#toString] writes: `SCRAM-SHA-256$4096:salt$stored:server`.
  public static Optional<ScramVerifier> parse(String text) {
    Matcher form = STORED.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    ScramHash hash = form.group(1).endsWith("256") ? ScramHash.SHA_256 : ScramHash.SHA_1;
    Base64.Decoder base64 = Base64.getDecoder();
    try {
      return Optional.of(
          new ScramVerifier(
              hash,
              base64.decode(form.group(3)),
              Integer.parseInt(form.group(2)),
              base64.decode(form.group(4)),
              base64.decode(form.group(5))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// True when the verifier was made of this password.
  public boolean verifies(String password) {
    return SaslPrep.query(password)
        .filter(p -> !p.isEmpty())
        .map(p -> hash.salted(p.getBytes(UTF_8), salt, iterations))
        .map(salted -> hash.hmac(salted, "Server Key".getBytes(UTF_8)))
        .filter(key -> MessageDigest.isEqual(key, serverKey))
        .isPresent();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScramVerifier that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(storedKey);
  }

  /// RFC 5803 §3
  @Override
  public String toString() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "%s$%d:%s$%s:%s"
        .formatted(
            hash.scheme(),
            iterations,
            base64.encodeToString(salt),
            base64.encodeToString(storedKey),
            base64.encodeToString(serverKey));
  }
}
