package org.depesche.login.oauth;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.depesche.sasl.Verification;
import org.depesche.time.Ticker;

/// Whose bearer token is this? A token is as good as its provider says, and whom it names has to be
/// an account here. Calls block while the provider is asked.
public final class OAuthLogins {

  private final Tokens tokens;
  private final boolean strict;
  private final OAuthSettings settings;
  private final Accounts accounts;
  private final InstantSource clock;

  private OAuthLogins(
      Tokens tokens,
      boolean strict,
      OAuthSettings settings,
      Accounts accounts,
      InstantSource clock) {
    this.tokens = tokens;
    this.strict = strict;
    this.settings = settings;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Tokens that are JWTs by keys at an address.
  ///
  /// @param accounts finds an account by the name a token has for it
  public static OAuthLogins byKeys(
      URI keys, OAuthSettings settings, Accounts accounts, InstantSource clock, Ticker ticker) {
    Provider provider = new Provider(settings.timeout());
    return bySource(() -> provider.fetch(keys), settings, accounts, clock, ticker);
  }

  /// Tokens that are JWTs by keys in a file.
  ///
  /// @param accounts finds an account by the name a token has for it
  public static OAuthLogins byKeys(
      Path keys, OAuthSettings settings, Accounts accounts, InstantSource clock, Ticker ticker) {
    return bySource(() -> read(keys), settings, accounts, clock, ticker);
  }

  private static OAuthLogins bySource(
      KeySet.Source source,
      OAuthSettings settings,
      Accounts accounts,
      InstantSource clock,
      Ticker ticker) {
    if (settings.issuer().isEmpty() || settings.audience().isEmpty()) {
      throw new IllegalArgumentException("any token of the provider would do");
    }
    return new OAuthLogins(
        new SignedTokens(new KeySet(source, ticker)), true, settings, accounts, clock);
  }

  /// Tokens that the provider is asked about.
  ///
  /// @param accounts finds an account by the name a token has for it
  public static OAuthLogins byIntrospection(
      URI address,
      String clientId,
      String secret,
      OAuthSettings settings,
      Accounts accounts,
      InstantSource clock,
      Ticker ticker) {
    return new OAuthLogins(
        new IntrospectedTokens(new Provider(settings.timeout()), address, clientId, secret, ticker),
        false,
        settings,
        accounts,
        clock);
  }

  private static String read(Path file) throws UnavailableException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UnavailableException(e.toString());
    }
  }

  /// Checks a token.
  public Verification check(String token) {
    try {
      return switch (tokens.examine(token)) {
        case Tokens.Refused(var reason) -> new Verification.Rejected(reason);
        case Tokens.Genuine(var claims) ->
            claims
                .objection(settings, strict, clock.instant())
                .<Verification>map(Verification.Rejected::new)
                .orElseGet(() -> account(claims));
      };
    } catch (UnavailableException e) {
      return new Verification.Unavailable(e.reason());
    }
  }

  private Verification account(Claims claims) {
    Optional<String> name = claims.text(settings.accountClaim());
    if (name.isEmpty()) {
      return new Verification.Rejected("the token has no " + settings.accountClaim());
    }
    // OpenID Connect Core 1.0 §5.1: anybody may claim an address that nobody has looked at.
    if (settings.accountClaim().equals("email")
        && claims.values().containsKey("email_verified")
        && !"true".equals(String.valueOf(claims.values().get("email_verified")))) {
      return new Verification.Rejected("the provider has not verified " + name.get());
    }
    try {
      return accounts
          .named(name.get())
          .filter(account -> !account.isDisabled())
          .<Verification>map(account -> new Verification.Accepted(account.address().wire()))
          .orElseGet(
              () -> new Verification.Rejected("no account " + name.get() + ", or a disabled one"));
    } catch (org.depesche.directory.UnavailableException e) {
      return new Verification.Unavailable(String.valueOf(e.getMessage()));
    }
  }
}
