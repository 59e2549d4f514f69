package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Optional;

/// A password in clear, only where somebody wrote `{PLAIN}` before it.
record PlainPassword(String password) implements PasswordHash {

  static Optional<PlainPassword> of(String password) {
    return password.isEmpty() ? Optional.empty() : Optional.of(new PlainPassword(password));
  }

  @Override
  public boolean matches(byte[] given) {
    return MessageDigest.isEqual(Preparation.prepared(password).getBytes(UTF_8), given);
  }

  @Override
  public String toString() {
    return "plain";
  }
}
