package org.depesche.directory.password;

/// A kept password. Each kind reads its own text form and refuses parameters that would let one
/// line of a file eat the machine.
public sealed interface PasswordHash
    permits Argon2Hash, BcryptHash, Pbkdf2Hash, PlainPassword, ScramPassword, ShaCryptHash {

  /// What a text was found to be.
  sealed interface Parsed {

    /// A hash to compare with.
    record Known(PasswordHash hash) implements Parsed {}

    /// Nobody's password.
    ///
    /// @param reason without the text itself
    record Unreadable(String reason) implements Parsed {}
  }

  /// True when it was made of this password, in a time that does not depend on how wrong it is.
  ///
  /// @param password UTF-8, prepared as [Preparation] does
  boolean matches(byte[] password);

  /// Reads a hash, with or without the `{SCHEME}` that Dovecot and LDAP write before it.
  static Parsed parse(String text) {
    return PasswordText.parse(text);
  }
}
