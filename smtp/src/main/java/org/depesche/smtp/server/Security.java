package org.depesche.smtp.server;

import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.depesche.net.TlsEngines;
import org.depesche.sasl.Decoys;
import org.depesche.sasl.Mechanism;
import org.depesche.sasl.OAuthService;

/// What a listener has to do with TLS and logins.
///
/// @param tls where TLS comes from; empty for none
/// @param implicitTls TLS begins with the connection (RFC 8314 §3.3), and not by STARTTLS
/// @param handshakeTimeout how long a handshake may take in all
/// @param login who may log in and how; empty for nobody
/// @param loginRequired mail is taken from those only who have logged in (RFC 6409 §4.3)
public record Security(
    Optional<TlsEngines> tls,
    boolean implicitTls,
    Duration handshakeTimeout,
    Optional<Login> login,
    boolean loginRequired) {

  /// Neither TLS nor logins.
  public static final Security NONE =
      new Security(Optional.empty(), false, Duration.ofMinutes(1), Optional.empty(), false);

  public Security {
    if (implicitTls && tls.isEmpty()) {
      throw new IllegalArgumentException("implicit TLS needs TLS");
    }
    if (loginRequired && login.isEmpty()) {
      throw new IllegalArgumentException("nobody could log in");
    }
  }

  /// How clients log in (RFC 4954).
  ///
  /// @param attempts makes what an exchange of a client is checked with
  /// @param allowed mechanisms; those that need TLS are offered with it only
  /// @param openFor clients whose network nobody listens in on: passwords may go without TLS
  /// @param identity who a client is by its certificates, for EXTERNAL
  /// @param decoys what strangers are answered in SCRAM
  /// @param random a secure one
  public record Login(
      Function<Client, LoginAttempt> attempts,
      Set<Mechanism> allowed,
      Function<Client, Boolean> openFor,
      Function<List<Certificate>, Optional<String>> identity,
      Decoys decoys,
      OAuthService oauth,
      RandomGenerator random) {

    public Login {
      allowed = Set.copyOf(allowed);
    }
  }
}
