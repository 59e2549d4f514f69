package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramVerifier;

/// A SCRAM verifier used as the hash of a password: in the form of RFC 5803 or of Dovecot
/// (`4096,salt,stored,server`).
record ScramPassword(ScramVerifier verifier) implements PasswordHash {

  private static final Pattern DOVECOT =
      Pattern.compile("(\\d{1,8}),([A-Za-z0-9+/=]+),([A-Za-z0-9+/=]+),([A-Za-z0-9+/=]+)");

  static Optional<ScramPassword> parse(String text) {
    return ScramVerifier.parse(text).map(ScramPassword::new);
  }

  static Optional<ScramPassword> parseDovecot(ScramHash hash, String text) {
    Matcher form = DOVECOT.matcher(text);
    return form.matches()
        ? parse(
            "%s$%s:%s$%s:%s"
                .formatted(
                    hash.scheme(), form.group(1), form.group(2), form.group(3), form.group(4)))
        : parse(text).filter(p -> p.verifier().hash() == hash);
  }

  @Override
  public boolean matches(byte[] password) {
    return verifier.verifies(new String(password, UTF_8));
  }

  @Override
  public String toString() {
    return verifier.hash().scheme();
  }
}
