package org.depesche.login;

import java.util.Optional;
import java.util.function.Function;
import org.depesche.directory.Account;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.password.PasswordVerifier;
import org.depesche.sasl.Credentials;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramKeys;
import org.depesche.sasl.ScramVerifier;
import org.depesche.sasl.Verification;

/// Checks logins against the accounts of the directory. An account is named by its address, or by
/// the local part alone where there is one domain only.
public final class AccountLogins implements Credentials {

  private final AccountDirectory directory;
  private final PasswordVerifier verifier;
  private final Function<String, Verification> tokens;

  /// @param tokens says whose a bearer token is
  public AccountLogins(
      AccountDirectory directory,
      PasswordVerifier verifier,
      Function<String, Verification> tokens) {
    this.directory = directory;
    this.verifier = verifier;
    this.tokens = tokens;
  }

  @Override
  public Verification password(String name, byte[] password) {
    Optional<Account> account = directory.login(name);
    return switch (verifier.verify(account.flatMap(Account::password), password)) {
      case PasswordVerifier.Outcome.Match _ ->
          account
              .<Verification>map(a -> new Verification.Accepted(a.address().wire()))
              .orElseGet(() -> new Verification.Rejected("no account " + name));
      case PasswordVerifier.Outcome.Mismatch _ ->
          new Verification.Rejected(
              account.isEmpty()
                  ? "no account " + name
                  : account.get().password().isEmpty()
                      ? "account " + name + " has no password"
                      : "wrong password for " + name);
      case PasswordVerifier.Outcome.Busy _ ->
          new Verification.Unavailable("too many passwords are being compared");
      case PasswordVerifier.Outcome.Unreadable(var reason) ->
          new Verification.Unavailable("the password kept of " + name + ": " + reason);
    };
  }

  @Override
  public ScramKeys scram(ScramHash hash, String name) {
    return directory
        .login(name)
        .flatMap(account -> scram(account, hash))
        .orElseGet(ScramKeys.Unknown::new);
  }

  /// The verifier kept beside the password, or in its place.
  private static Optional<ScramKeys> scram(Account account, ScramHash hash) {
    return account
        .scram()
        .or(account::password)
        .flatMap(ScramVerifier::parse)
        .filter(kept -> kept.hash() == hash)
        .map(kept -> new ScramKeys.Known(account.address().wire(), kept));
  }

  @Override
  public Verification token(String token) {
    return tokens.apply(token);
  }
}
