package org.depesche.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/// The hash functions of SCRAM, and what RFC 5802 §2.2 makes of them.
public enum ScramHash {
  SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256", 32),
  SHA_1("SCRAM-SHA-1", "SHA-1", "HmacSHA1", 20);

  private final String scheme;
  private final String digest;
  private final String mac;
  private final int length;

  ScramHash(String scheme, String digest, String mac, int length) {
    this.scheme = scheme;
    this.digest = digest;
    this.mac = mac;
    this.length = length;
  }

  /// The name of the mechanism without PLUS, which is also that of stored verifiers.
  public String scheme() {
    return scheme;
  }

  /// Octets of a digest.
  public int length() {
    return length;
  }

  byte[] digest(byte[] text) {
    try {
      return MessageDigest.getInstance(digest).digest(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + digest, e);
    }
  }

  byte[] hmac(byte[] key, byte[] text) {
    return keyed(key).doFinal(text);
  }

  /// RFC 5802 §2.2: Hi, which is PBKDF2 for one block.
  byte[] salted(byte[] password, byte[] salt, int iterations) {
    Mac keyed = keyed(password);
    byte[] first = Arrays.copyOf(salt, salt.length + 4);
    first[salt.length + 3] = 1;
    byte[] u = keyed.doFinal(first);
    byte[] result = u.clone();
    try {
      for (int i = 1; i < iterations; i++) {
        keyed.update(u);
        keyed.doFinal(u, 0);
        for (int k = 0; k < length; k++) {
          result[k] ^= u[k];
        }
      }
    } catch (ShortBufferException e) {
      throw new IllegalStateException("a digest fits where one was", e);
    }
    return result;
  }

  private Mac keyed(byte[] key) {
    try {
      Mac keyed = Mac.getInstance(mac);
      keyed.init(new SecretKeySpec(key, mac));
      return keyed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + mac, e);
    }
  }
}
