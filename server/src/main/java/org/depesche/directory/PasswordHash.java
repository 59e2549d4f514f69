package org.depesche.directory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Passwords as Argon2id in PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
public final class PasswordHash {

  private static final int MEMORY_KIB = 19_456;
  private static final int ITERATIONS = 2;
  private static final int LANES = 1;
  private static final int SALT = 16;
  private static final int HASH = 32;

  /// Bounds for hashes made elsewhere: what is beyond would let a hash eat the machine.
  private static final int MAX_MEMORY_KIB = 1 << 18;

  private static final int MAX_ITERATIONS = 64;
  private static final int MAX_LANES = 16;

  /// Salts of 8 to 48 bytes, hashes of 12 to 64.
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,6}),t=(\\d{1,2}),p=(\\d{1,2})"
              + "\\$([A-Za-z0-9+/]{11,64})\\$([A-Za-z0-9+/]{16,86})");

  /// Each takes 19 MiB and a core: as many at once as there are cores, the others wait.
  private final Semaphore permits = new Semaphore(Runtime.getRuntime().availableProcessors());

  private final SecureRandom random = new SecureRandom();

  /// Hashes a password with a salt of its own.
  public String hash(String password) {
    byte[] salt = new byte[SALT];
    random.nextBytes(salt);
    byte[] hash = derive(password, salt, MEMORY_KIB, ITERATIONS, LANES, HASH);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            MEMORY_KIB,
            ITERATIONS,
            LANES,
            base64.encodeToString(salt),
            base64.encodeToString(hash));
  }

  /// True when the password is the one that was hashed. A text that is no hash of this kind is
  /// nobody's password.
  public boolean verify(String password, String phc) {
    Optional<Hashed> hashed = Hashed.parse(phc);
    if (hashed.isEmpty()) {
      return false;
    }
    Hashed known = hashed.get();
    byte[] actual =
        derive(
            password,
            known.salt(),
            known.memory(),
            known.iterations(),
            known.lanes(),
            known.hash().length);
    return MessageDigest.isEqual(known.hash(), actual);
  }

  /// True for texts that [#verify] can compare a password with.
  public static boolean isHash(String phc) {
    return Hashed.parse(phc).isPresent();
  }

  /// A PHC string taken apart.
  private record Hashed(int memory, int iterations, int lanes, byte[] salt, byte[] hash) {

    static Optional<Hashed> parse(String phc) {
      Matcher form = FORM.matcher(phc);
      if (!form.matches()) {
        return Optional.empty();
      }
      int memory = Integer.parseInt(form.group(1));
      int iterations = Integer.parseInt(form.group(2));
      int lanes = Integer.parseInt(form.group(3));
      // RFC 9106 §3.1: eight blocks of memory a lane.
      boolean good =
          lanes >= 1
              && lanes <= MAX_LANES
              && memory >= 8 * lanes
              && memory <= MAX_MEMORY_KIB
              && iterations >= 1
              && iterations <= MAX_ITERATIONS;
      try {
        Base64.Decoder base64 = Base64.getDecoder();
        return good
            ? Optional.of(
                new Hashed(
                    memory,
                    iterations,
                    lanes,
                    base64.decode(form.group(4)),
                    base64.decode(form.group(5))))
            : Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  private byte[] derive(
      String password, byte[] salt, int memory, int iterations, int lanes, int length) {
    permits.acquireUninterruptibly();
    try {
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(memory)
              .withIterations(iterations)
              .withParallelism(lanes)
              .withSalt(salt)
              .build());
      byte[] hash = new byte[length];
      generator.generateBytes(prepared(password).getBytes(UTF_8), hash);
      return hash;
    } finally {
      permits.release();
    }
  }

  /// RFC 8265 §4.2.2: what keyboards spell differently is one password.
  private static String prepared(String password) {
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
