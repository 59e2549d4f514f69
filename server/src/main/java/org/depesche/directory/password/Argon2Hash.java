package org.depesche.directory.password;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2 (RFC 9106) as PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
///
/// @param type 2 for Argon2id, 1 for Argon2i
/// @param memory KiB
record Argon2Hash(int type, int memory, int iterations, int lanes, byte[] salt, byte[] hash)
    implements PasswordHash {

  /// What new ones cost: 19 MiB, two passes.
  private static final int MEMORY = 19_456;

  private static final int ITERATIONS = 2;
  private static final int SALT = 16;
  private static final int HASH = 32;

  private static final int MAX_MEMORY = 1 << 18;
  private static final int MAX_LANES = 16;

  /// KiB written in all passes: some seconds.
  private static final int MAX_WORK = 1 << 20;

  /// Salts of 8 to 48 octets, hashes of 12 to 64.
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2(id?)\\$v=19\\$m=(\\d{1,6}),t=(\\d{1,6}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]{11,64})\\$([A-Za-z0-9+/]{16,86})");

  static Optional<Argon2Hash> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    int type = form.group(1).equals("id") ? Argon2Parameters.ARGON2_id : Argon2Parameters.ARGON2_i;
    int memory = Integer.parseInt(form.group(2));
    int iterations = Integer.parseInt(form.group(3));
    int lanes = Integer.parseInt(form.group(4));
    // RFC 9106 §3.1: eight blocks of memory a lane.
    boolean good =
        lanes >= 1
            && lanes <= MAX_LANES
            && memory >= 8 * lanes
            && memory <= MAX_MEMORY
            && iterations >= 1
            && (long) iterations * memory <= MAX_WORK;
    try {
      Base64.Decoder base64 = Base64.getDecoder();
      return good
          ? Optional.of(
              new Argon2Hash(
                  type,
                  memory,
                  iterations,
                  lanes,
                  base64.decode(form.group(5)),
                  base64.decode(form.group(6))))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// One that no password is known for, at the price of a new one; nothing is computed.
  static Argon2Hash ofNothing(RandomGenerator random) {
    byte[] salt = new byte[SALT];
    byte[] hash = new byte[HASH];
    random.nextBytes(salt);
    random.nextBytes(hash);
    return new Argon2Hash(Argon2Parameters.ARGON2_id, MEMORY, ITERATIONS, 1, salt, hash);
  }

  static Argon2Hash of(byte[] password, RandomGenerator random) {
    byte[] salt = new byte[SALT];
    random.nextBytes(salt);
    int type = Argon2Parameters.ARGON2_id;
    byte[] hash = derive(type, MEMORY, ITERATIONS, 1, salt, password, HASH);
    return new Argon2Hash(type, MEMORY, ITERATIONS, 1, salt, hash);
  }

  @Override
  public boolean matches(byte[] password) {
    byte[] actual = derive(type, memory, iterations, lanes, salt, password, hash.length);
    return MessageDigest.isEqual(hash, actual);
  }

  private static byte[] derive(
      int type, int memory, int iterations, int lanes, byte[] salt, byte[] password, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(type)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memory)
            .withIterations(iterations)
            .withParallelism(lanes)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(password, hash);
    return hash;
  }

  @Override
  public String toString() {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    String kind = type == Argon2Parameters.ARGON2_id ? "$argon2id" : "$argon2i";
    String cost = "$v=19$m=" + memory + ",t=" + iterations + ",p=" + lanes;
    return kind + cost + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash);
  }
}
