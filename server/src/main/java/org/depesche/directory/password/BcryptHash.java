package org.depesche.directory.password;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/// bcrypt: `$2b$10$` with 22 characters of salt and 31 of hash. Looks at the first 72 octets of a
/// password, as all of them do.
record BcryptHash(String text) implements PasswordHash {

  /// Twice the time with each: 15 takes some seconds.
  private static final int MAX_COST = 15;

  /// The last character of the salt has four idle bits, that of the hash two; others than zero
  /// would never match.
  private static final Pattern FORM =
      Pattern.compile("\\$2[aby]\\$(\\d{2})\\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}");

  static Optional<BcryptHash> parse(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
            && Integer.parseInt(form.group(1)) >= 4
            && Integer.parseInt(form.group(1)) <= MAX_COST
        ? Optional.of(new BcryptHash(text))
        : Optional.empty();
  }

  @Override
  public boolean matches(byte[] password) {
    return OpenBSDBCrypt.checkPassword(text, password);
  }

  @Override
  public String toString() {
    return "bcrypt";
  }
}
