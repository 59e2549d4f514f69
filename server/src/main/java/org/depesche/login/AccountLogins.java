package org.depesche.login;

import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.depesche.directory.Account;
import org.depesche.directory.ApplicationPassword;
import org.depesche.directory.Directory;
import org.depesche.directory.UnavailableException;
import org.depesche.directory.password.PasswordVerifier;
import org.depesche.sasl.Credentials;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramKeys;
import org.depesche.sasl.ScramVerifier;
import org.depesche.sasl.Verification;

/// Checks logins against the accounts of the directory. An account is named by its address, or by
/// the local part alone where there is one domain only.
public final class AccountLogins implements Credentials {

  private final Directory directory;
  private final PasswordVerifier verifier;
  private final Function<String, Verification> tokens;

  /// @param tokens says whose a bearer token is
  public AccountLogins(
      Directory directory, PasswordVerifier verifier, Function<String, Verification> tokens) {
    this.directory = directory;
    this.verifier = verifier;
    this.tokens = tokens;
  }

  @Override
  public Verification password(String name, byte[] password) {
    try {
      Optional<Account> account = directory.login(name);
      Optional<ApplicationPassword> application = application(account, password);
      if (application.isPresent()) {
        return accepted(name, account, application.get().name());
      }
      Optional<Boolean> elsewhere =
          account.isPresent() && account.get().password().isEmpty()
              ? directory.matches(account.get(), password)
              : Optional.empty();
      // A hash is computed in any case: the time it takes is the same for everybody.
      PasswordVerifier.Outcome outcome =
          verifier.verify(account.flatMap(Account::password), password);
      return elsewhere.isPresent() && outcome instanceof PasswordVerifier.Outcome.Mismatch
          ? verification(
              name,
              account,
              elsewhere.get()
                  ? new PasswordVerifier.Outcome.Match()
                  : new PasswordVerifier.Outcome.Mismatch())
          : verification(name, account, outcome);
    } catch (UnavailableException e) {
      return new Verification.Unavailable(String.valueOf(e.getMessage()));
    }
  }

  /// The application password this is; who knows one need not wait for a hash.
  private static Optional<ApplicationPassword> application(
      Optional<Account> account, byte[] password) {
    return account.stream()
        .flatMap(a -> a.applications().stream())
        .filter(each -> each.matches(password))
        .findFirst();
  }

  private static Verification accepted(String name, Optional<Account> account, String credential) {
    return account
        .filter(a -> !a.isDisabled())
        .<Verification>map(a -> new Verification.Accepted(a.address().wire(), credential))
        .orElseGet(() -> new Verification.Rejected("account " + name + " is disabled"));
  }

  private Verification verification(
      String name, Optional<Account> account, PasswordVerifier.Outcome outcome) {
    return switch (outcome) {
      case PasswordVerifier.Outcome.Match _ -> accepted(name, account, "");
      case PasswordVerifier.Outcome.Mismatch _ when account.filter(directory::isAway).isPresent() ->
          new Verification.Unavailable("who keeps " + name + " does not answer");
      case PasswordVerifier.Outcome.Mismatch _ ->
          new Verification.Rejected(
              account.isEmpty() ? "no account " + name : "wrong or no password for " + name);
      case PasswordVerifier.Outcome.Busy _ ->
          new Verification.Unavailable("too many passwords are being compared");
      case PasswordVerifier.Outcome.Unreadable(var reason) ->
          new Verification.Unavailable("the password kept of " + name + ": " + reason);
    };
  }

  @Override
  public ScramKeys scram(ScramHash hash, String name) {
    try {
      return directory
          .login(name)
          .filter(account -> !account.isDisabled())
          .flatMap(account -> scram(account, hash))
          .orElseGet(ScramKeys.Unknown::new);
    } catch (UnavailableException e) {
      return new ScramKeys.Unavailable(String.valueOf(e.getMessage()));
    }
  }

  /// The verifier kept beside the password, or in its place.
  private static Optional<ScramKeys> scram(Account account, ScramHash hash) {
    return account.scram().or(account::password).stream()
        .flatMap(kept -> Stream.of(kept.split(" +", -1)))
        .flatMap(kept -> ScramVerifier.parse(kept).stream())
        .filter(kept -> kept.hash() == hash)
        .findFirst()
        .map(kept -> new ScramKeys.Known(account.address().wire(), kept));
  }

  @Override
  public Verification token(String token) {
    return tokens.apply(token);
  }
}
