package org.depesche.app;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.depesche.config.Settings;
import org.depesche.directory.AccountDirectory;
import org.depesche.login.oauth.OAuthLogins;
import org.depesche.login.oauth.OAuthSettings;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.OAuthService;
import org.depesche.sasl.Verification;
import org.depesche.time.Ticker;

/// What `[oauth]` makes of logins.
final class TokenParts {

  private static final Set<Mechanism> BY_TOKEN = Set.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);

  private TokenParts() {}

  /// What clients are offered: logging in by tokens where there is somebody to check them, and by
  /// certificates where accounts have them.
  ///
  /// @param oauth who checks tokens
  static Set<Mechanism> mechanisms(Settings settings, Settings.OAuth oauth) {
    Set<Mechanism> offered = EnumSet.noneOf(Mechanism.class);
    offered.addAll(settings.auth().mechanisms());
    if (oauth.isConfigured()) {
      offered.addAll(BY_TOKEN);
    } else {
      offered.removeAll(BY_TOKEN);
    }
    if (settings.clientCertificate().stream().anyMatch(c -> c.account().isPresent())) {
      offered.add(Mechanism.EXTERNAL);
    }
    return offered;
  }

  /// What clients with a bad token are told. The host they name is not looked at: balancers and
  /// second names would have to be listed.
  static OAuthService service(Settings.OAuth oauth) {
    return new OAuthService(oauth.scope(), oauth.discoveryUrl(), Set.of());
  }

  /// Says whose a token is.
  ///
  /// @throws IOException when the file with our password for the provider cannot be read
  static Function<String, Verification> tokens(
      Settings settings, AccountDirectory directory, InstantSource clock, Ticker ticker)
      throws IOException {
    Settings.OAuth oauth = settings.oauth();
    OAuthSettings wanted =
        new OAuthSettings(
            oauth.issuer(),
            oauth.audience(),
            oauth.scope(),
            oauth.accountClaim(),
            oauth.timeout(),
            oauth.clockSkew());
    if (oauth.jwksUrl().isPresent()) {
      return OAuthLogins.byKeys(
              URI.create(oauth.jwksUrl().get()), wanted, directory::login, clock, ticker)
          ::check;
    }
    if (oauth.jwksFile().isPresent()) {
      return OAuthLogins.byKeys(oauth.jwksFile().get(), wanted, directory::login, clock, ticker)
          ::check;
    }
    if (oauth.introspectionUrl().isPresent() && oauth.clientSecretFile().isPresent()) {
      return OAuthLogins.byIntrospection(
              URI.create(oauth.introspectionUrl().get()),
              oauth.clientId().orElse(""),
              Files.readString(oauth.clientSecretFile().get()).strip(),
              wanted,
              directory::login,
              clock,
              ticker)
          ::check;
    }
    return _ -> new Verification.Rejected("tokens are not taken here");
  }
}
