package org.depesche.app;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.depesche.config.Settings;
import org.depesche.directory.AccountDirectory;
import org.depesche.directory.password.NewPassword;
import org.depesche.directory.password.PasswordVerifier;
import org.depesche.limits.LoginGuard;
import org.depesche.login.AccountLogins;
import org.depesche.login.GuardedAttempt;
import org.depesche.login.LastUses;
import org.depesche.mail.Mailbox;
import org.depesche.net.TlsDetails;
import org.depesche.sasl.Credentials;
import org.depesche.sasl.Decoys;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.LoginAttempt;
import org.depesche.smtp.server.Security;
import org.depesche.time.Ticker;

/// Who may log in, how, and who has tried too often.
final class Logins implements AutoCloseable {

  /// Password hashes computed at a time, and how long a login waits for its turn.
  private static final int PASSWORDS_AT_ONCE =
      Math.max(1, Runtime.getRuntime().availableProcessors());

  private static final Duration PASSWORD_PATIENCE = Duration.ofSeconds(10);

  private final ExecutorService passwords =
      Executors.newFixedThreadPool(
          PASSWORDS_AT_ONCE, Thread.ofPlatform().daemon().name("password-", 0).factory());
  private final LoginGuard guard;
  private final LastUses lastUses;
  private final Settings started;
  private final Function<Client, LoginAttempt> attempts;
  private final Decoys decoys;
  private final SecureRandom random;
  private volatile Settings settings;

  /// @param lastUses the file that says when application passwords were used
  /// @param secret what only this server knows
  /// @throws IOException when a file with a password of ours cannot be read
  Logins(
      Settings settings,
      AccountDirectory directory,
      Path lastUses,
      byte[] secret,
      InstantSource clock,
      Ticker ticker,
      SecureRandom random)
      throws IOException {
    this.started = settings;
    this.settings = settings;
    this.random = random;
    this.decoys = new Decoys(secret, NewPassword.SCRAM_ITERATIONS);
    this.guard = new LoginGuard(guard(settings), clock, secret);
    this.lastUses = new LastUses(lastUses, clock);
    Credentials credentials =
        new AccountLogins(
            directory,
            new PasswordVerifier(
                passwords, PASSWORDS_AT_ONCE, PASSWORD_PATIENCE, NewPassword.decoy(random)),
            TokenParts.tokens(settings, directory, clock, ticker));
    this.attempts =
        client ->
            new GuardedAttempt(
                credentials, guard, client.remote().getAddress(), this.lastUses, Logins::pause);
  }

  private static LoginGuard.Settings guard(Settings settings) {
    Settings.Auth auth = settings.auth();
    return new LoginGuard.Settings(
        auth.lockNetworkAfter(),
        auth.lockAccountAfter(),
        auth.lockFor(),
        client -> auth.neverLock().stream().anyMatch(network -> network.contains(client)));
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether passwords of a client may go without TLS.
  private boolean isPrivate(Client client) {
    return settings.auth().plainOnLoopback() && client.remote().getAddress().isLoopbackAddress();
  }

  /// The account of who has shown these certificates, its own first.
  private Optional<String> account(List<Certificate> shown) {
    return shown.isEmpty()
        ? Optional.empty()
        : settings.clientCertificate().stream()
            .filter(
                each -> each.fingerprint().hex().equals(TlsDetails.fingerprint(shown.getFirst())))
            .findFirst()
            .flatMap(Settings.ClientCertificate::account)
            .map(Mailbox::wire);
  }

  /// What listeners offer where people log in; who checks tokens is for the next start to change.
  Security.Login offered(Settings from) {
    return new Security.Login(
        attempts,
        TokenParts.mechanisms(from, started.oauth()),
        this::isPrivate,
        this::account,
        decoys,
        TokenParts.service(started.oauth()),
        random);
  }

  LoginGuard guard() {
    return guard;
  }

  Optional<Instant> lastUse(String account, String name) {
    return lastUses.last(account, name);
  }

  void change(Settings changed) {
    guard.settings(guard(changed));
    settings = changed;
  }

  /// Writes down when application passwords were used.
  void save() throws IOException {
    lastUses.save();
  }

  @Override
  public void close() {
    passwords.shutdown();
  }
}
