package org.depesche.limits;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.Test;

class LoginGuardTest {

  private static final InetAddress HOME = address("192.0.2.1");
  private static final InetAddress STRANGER = address("198.51.100.7");
  private static final String ALICE = "alice@example.org";

  private final ManualTime time = new ManualTime();
  private final LoginGuard guard = guard(3, 5);

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private LoginGuard guard(int networkFailures, int accountFailures) {
    return new LoginGuard(
        new LoginGuard.Settings(
            networkFailures,
            accountFailures,
            Duration.ofMinutes(15),
            client -> client.isLoopbackAddress()),
        time,
        new byte[32]);
  }

  private Duration fail(InetAddress client, String account, String password) {
    return guard.failed(client, account, password.getBytes(UTF_8));
  }

  @Test
  void aSlipCostsNothingAndGuessingMoreAndMore() {
    LoginGuard patient = guard(0, 0);
    Duration[] delays = new Duration[8];
    for (int i = 0; i < delays.length; i++) {
      delays[i] = patient.failed(HOME, ALICE, ("guess " + i).getBytes(UTF_8));
    }

    assertThat(delays)
        .extracting(Duration::toSeconds)
        .containsExactly(0L, 0L, 1L, 2L, 4L, 8L, 15L, 15L);
    assertThat(patient.before(HOME, ALICE)).as("no lock is set").isEmpty();
  }

  @Test
  void aNetworkIsLockedWhateverAccountItTries() {
    fail(STRANGER, ALICE, "a");
    fail(STRANGER, "bob@example.org", "b");
    assertThat(guard.before(STRANGER, ALICE)).isEmpty();
    fail(STRANGER, "nobody@example.org", "c");

    assertThat(guard.before(STRANGER, "carol@example.org"))
        .hasValueSatisfying(
            lock -> {
              assertThat(lock.key()).isEqualTo("198.51.100.7");
              assertThat(lock.failures()).isEqualTo(3);
              assertThat(lock.until()).isEqualTo(time.instant().plus(Duration.ofMinutes(15)));
            });
    assertThat(guard.before(HOME, ALICE)).as("others are not concerned").isEmpty();
    time.advance(Duration.ofMinutes(15));
    assertThat(guard.before(STRANGER, ALICE)).isEmpty();
  }

  @Test
  void aNetworkOfIpv6IsA64() {
    for (int i = 1; i <= 3; i++) {
      fail(address("2001:db8:1:2::" + i), ALICE, "guess " + i);
    }

    assertThat(guard.before(address("2001:db8:1:2:ffff::9"), ALICE))
        .map(LoginGuard.Lock::key)
        .hasValue("2001:db8:1:2:0:0:0:0/64");
    assertThat(guard.before(address("2001:db8:1:3::1"), ALICE)).isEmpty();
  }

  @Test
  void anAccountIsLockedForStrangersAndNeverForItsOwner() {
    guard.succeeded(HOME, ALICE);
    for (int i = 0; i < 5; i++) {
      fail(address("198.51.100." + i), "ALICE@example.org", "guess " + i);
    }

    assertThat(guard.before(address("203.0.113.1"), ALICE))
        .map(LoginGuard.Lock::key)
        .hasValue(ALICE);
    assertThat(guard.before(HOME, ALICE)).isEmpty();
    time.advance(Duration.ofDays(31));
    for (int i = 0; i < 5; i++) {
      fail(address("198.51.100." + i), ALICE, "guess " + i);
    }
    assertThat(guard.before(HOME, ALICE)).as("not seen for a month").isPresent();
  }

  @Test
  void aDeviceWithAnOldPasswordLocksNobodyOut() {
    for (int i = 0; i < 1000; i++) {
      assertThat(fail(HOME, ALICE, "last year's")).isZero();
      time.advance(Duration.ofSeconds(10));
    }

    assertThat(guard.before(HOME, ALICE)).isEmpty();
    assertThat(guard.locks()).isEmpty();
  }

  @Test
  void failuresOfWhichNoPasswordIsKnownAllCount() {
    for (int i = 0; i < 3; i++) {
      fail(STRANGER, ALICE, "");
    }

    assertThat(guard.before(STRANGER, ALICE)).isPresent();
  }

  @Test
  void successForgivesTheNetwork() {
    fail(HOME, ALICE, "a");
    fail(HOME, ALICE, "b");
    guard.succeeded(HOME, ALICE);
    fail(HOME, ALICE, "c");

    assertThat(guard.before(HOME, ALICE)).isEmpty();
  }

  @Test
  void slowGuessesAreForgotten() {
    for (int i = 0; i < 20; i++) {
      fail(STRANGER, ALICE, "guess " + i);
      time.advance(Duration.ofMinutes(16));
    }

    assertThat(guard.before(STRANGER, ALICE)).isEmpty();
  }

  @Test
  void exemptClientsAreNeverCounted() {
    for (int i = 0; i < 100; i++) {
      assertThat(fail(InetAddress.getLoopbackAddress(), ALICE, "guess " + i)).isZero();
    }

    assertThat(guard.before(InetAddress.getLoopbackAddress(), ALICE)).isEmpty();
    assertThat(guard.before(STRANGER, ALICE)).isEmpty();
  }

  @Test
  void anOperatorSeesLocksAndEndsThem() {
    for (int i = 0; i < 3; i++) {
      fail(STRANGER, ALICE, "guess " + i);
    }

    assertThat(guard.locks()).extracting(LoginGuard.Lock::key).containsExactly("198.51.100.7");
    assertThat(guard.clear("192.0.2.77")).isFalse();
    assertThat(guard.clear("198.51.100.7")).isTrue();
    assertThat(guard.locks()).isEmpty();
    assertThat(guard.before(STRANGER, ALICE)).isEqualTo(Optional.empty());
  }

  @Test
  void aFloodOfAddressesTakesABoundedAmountOfMemory() {
    for (int i = 0; i < 300_000; i++) {
      byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      try {
        guard.failed(
            InetAddress.getByAddress(address), "user" + i + "@example.org", new byte[] {1});
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }

    assertThat(guard.remembered()).isEqualTo(200_000);
  }

  @Test
  void aBadTokenIsNobodysFailureButTheNetworks() {
    LoginGuard eager = guard(3, 2);
    for (String token : new String[] {"a", "b", "b"}) {
      eager.failed(STRANGER, "", token.getBytes(UTF_8));
    }

    assertThat(eager.before(STRANGER, "")).isEmpty();
    assertThat(eager.before(HOME, "")).isEmpty();
    eager.failed(STRANGER, "", "c".getBytes(UTF_8));
    assertThat(eager.before(STRANGER, "")).isPresent();
    assertThat(eager.before(HOME, "")).isEmpty();
  }
}
