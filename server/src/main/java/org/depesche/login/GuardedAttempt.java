package org.depesche.login;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.depesche.limits.LoginGuard;
import org.depesche.sasl.Credentials;
import org.depesche.sasl.ScramHash;
import org.depesche.sasl.ScramKeys;
import org.depesche.sasl.Verification;
import org.depesche.smtp.server.LoginAttempt;

/// The credentials of one exchange of one client, with the guard before them.
public final class GuardedAttempt implements LoginAttempt {

  private final Credentials credentials;
  private final LoginGuard guard;
  private final InetAddress client;
  private final Consumer<Duration> pause;
  private final LastUses used;
  private String name = "";
  private String credential = "";
  private byte[] password = {};

  /// @param used remembers when application passwords were used
  /// @param pause lets the client wait
  public GuardedAttempt(
      Credentials credentials,
      LoginGuard guard,
      InetAddress client,
      LastUses used,
      Consumer<Duration> pause) {
    this.credentials = credentials;
    this.guard = guard;
    this.client = client;
    this.used = used;
    this.pause = pause;
  }

  @Override
  public Verification password(String asked, byte[] given) {
    name = asked;
    password = given.clone();
    Optional<String> locked = locked();
    if (locked.isPresent()) {
      return new Verification.Unavailable(locked.get());
    }
    Verification found = credentials.password(asked, given);
    if (found instanceof Verification.Accepted(var account, var which)) {
      credential = which;
      used.of(account, which);
    }
    return found;
  }

  @Override
  public String credential() {
    return credential;
  }

  @Override
  public ScramKeys scram(ScramHash hash, String asked) {
    name = asked;
    Optional<String> locked = locked();
    return locked.isPresent()
        ? new ScramKeys.Unavailable(locked.get())
        : credentials.scram(hash, asked);
  }

  @Override
  public Verification token(String token) {
    // A program that goes on with a token that has run out makes one mistake, not many.
    password = token.getBytes(US_ASCII);
    Optional<String> locked = locked();
    if (locked.isPresent()) {
      return new Verification.Unavailable(locked.get());
    }
    Verification verified = credentials.token(token);
    if (verified instanceof Verification.Accepted(var identity, _)) {
      name = identity;
    }
    return verified;
  }

  @Override
  public Verification authorize(String authenticated, String requested) {
    return credentials.authorize(authenticated, requested);
  }

  private Optional<String> locked() {
    return guard
        .before(client, name)
        .map(
            lock ->
                lock.key()
                    + " is locked until "
                    + lock.until()
                    + " after "
                    + lock.failures()
                    + " failed logins");
  }

  @Override
  public void ended(boolean succeeded) {
    if (succeeded) {
      guard.succeeded(client, name);
    } else {
      pause.accept(guard.failed(client, name, password));
    }
    Arrays.fill(password, (byte) 0);
  }
}
