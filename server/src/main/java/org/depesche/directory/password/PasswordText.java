package org.depesche.directory.password;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.depesche.directory.password.PasswordHash.Parsed;
import org.depesche.sasl.ScramHash;

/// Tells the kinds of kept passwords apart.
final class PasswordText {

  /// Longer than every hash of every kind.
  private static final int MAX_TEXT = 1024;

  private static final Pattern SCHEME = Pattern.compile("\\{([A-Za-z0-9-]{1,32})}(.*)");

  private PasswordText() {}

  static Parsed parse(String text) {
    if (text.length() > MAX_TEXT) {
      return new Parsed.Unreadable("longer than any hash");
    }
    Matcher prefixed = SCHEME.matcher(text);
    if (!prefixed.matches()) {
      return bare(text);
    }
    String scheme = prefixed.group(1).toUpperCase(Locale.ROOT);
    String rest = prefixed.group(2);
    return switch (scheme) {
      case "ARGON2ID", "ARGON2I" -> of(Argon2Hash.parse(rest), scheme);
      case "BLF-CRYPT" -> of(BcryptHash.parse(rest), scheme);
      case "SHA256-CRYPT", "SHA512-CRYPT" -> of(ShaCryptHash.parse(rest), scheme);
      case "PBKDF2" -> of(Pbkdf2Hash.parseDovecot(rest).or(() -> Pbkdf2Hash.parse(rest)), scheme);
      case "SCRAM-SHA-256" -> of(ScramPassword.parseDovecot(ScramHash.SHA_256, rest), scheme);
      case "SCRAM-SHA-1" -> of(ScramPassword.parseDovecot(ScramHash.SHA_1, rest), scheme);
      case "PLAIN", "CLEARTEXT" -> of(PlainPassword.of(rest), scheme);
      case "CRYPT" -> bare(rest);
      default -> new Parsed.Unreadable("scheme {" + scheme + "} is not known");
    };
  }

  private static Parsed bare(String text) {
    String kind = text.substring(0, Math.max(0, text.indexOf('$', 1)));
    return switch (kind) {
      case "$argon2id", "$argon2i" -> of(Argon2Hash.parse(text), "Argon2");
      case "$2a", "$2b", "$2y" -> of(BcryptHash.parse(text), "bcrypt");
      case "$5", "$6" -> of(ShaCryptHash.parse(text), "SHA-crypt");
      case "$pbkdf2", "$pbkdf2-sha256", "$pbkdf2-sha512" -> of(Pbkdf2Hash.parse(text), "PBKDF2");
      case "SCRAM-SHA-256", "SCRAM-SHA-1" -> of(ScramPassword.parse(text), "SCRAM");
      default -> new Parsed.Unreadable("no hash of a known kind");
    };
  }

  private static Parsed of(Optional<? extends PasswordHash> hash, String kind) {
    return hash.<Parsed>map(Parsed.Known::new)
        .orElseGet(() -> new Parsed.Unreadable(kind + " with another form or beyond its limits"));
  }
}
