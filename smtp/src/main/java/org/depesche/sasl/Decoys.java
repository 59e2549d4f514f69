package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// What strangers are answered in SCRAM, so that the answer does not say whether a name exists: the
/// salt of a name is the same each time, as a real one would be (RFC 5802 §9).
///
/// @param secret known to nobody else; the same after a restart
/// @param iterations as in the verifiers of those who exist
public record Decoys(byte[] secret, int iterations) {

  private static final int SALT = 16;

  public Decoys {
    if (secret.length < 16) {
      throw new IllegalArgumentException("a secret has at least 16 octets");
    }
    secret = secret.clone();
  }

  ScramVerifier verifier(ScramHash hash, String name) {
    byte[] salt = derived(hash, "salt", name);
    return new ScramVerifier(
        hash,
        Arrays.copyOf(salt, SALT),
        iterations,
        derived(hash, "stored", name),
        derived(hash, "server", name));
  }

  private byte[] derived(ScramHash hash, String use, String name) {
    return hash.hmac(secret, (hash.scheme() + ' ' + use + ' ' + name).getBytes(UTF_8));
  }
}
