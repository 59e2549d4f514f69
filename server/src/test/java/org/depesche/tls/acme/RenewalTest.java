package org.depesche.tls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// When the authority is asked next.
class RenewalTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final Renewal renewal = new Renewal(NOW, new Random(1));

  private Duration waited(Instant now, Optional<Instant> notBefore) {
    renewal.failed(now, notBefore);
    return Duration.between(now, renewal.next());
  }

  @Test
  void withoutACertificateItIsDueAtOnce() {
    assertThat(renewal.isDue(NOW)).isTrue();
  }

  @Test
  void aCertificateIsRenewedInTheLastThirdOfItsLife() {
    renewal.holds(NOW, NOW.plus(DAY.multipliedBy(90)));

    assertThat(renewal.next()).isEqualTo(NOW.plus(DAY.multipliedBy(60)));
    assertThat(renewal.isDue(NOW.plus(DAY.multipliedBy(59)))).isFalse();
    assertThat(renewal.isDue(NOW.plus(DAY.multipliedBy(60)))).isTrue();
  }

  @Test
  void waitsDoubleUpToABoundWithSomeChanceOnTop() {
    for (long minutes : new long[] {5, 10, 20, 40, 80, 160, 320, 360, 360, 360, 360, 360, 360}) {
      assertThat(waited(NOW, Optional.empty()))
          .isBetween(Duration.ofMinutes(minutes), Duration.ofMinutes(minutes * 3 / 2));
    }
  }

  @Test
  void twoServersDoNotComeTogether() {
    Renewal other = new Renewal(NOW, new Random(2));
    other.failed(NOW, Optional.empty());
    renewal.failed(NOW, Optional.empty());

    assertThat(renewal.next()).isNotEqualTo(other.next());
  }

  @Test
  void aCertificateEndsTheWaits() {
    waited(NOW, Optional.empty());
    waited(NOW, Optional.empty());
    renewal.obtained(NOW, NOW.plus(DAY), NOW);

    assertThat(renewal.next()).isEqualTo(NOW.plus(Duration.ofHours(16)));
    assertThat(waited(NOW, Optional.empty())).isLessThan(Duration.ofMinutes(8));
  }

  /// RFC 8555 §6.6.
  @Test
  void theAuthorityIsNotAskedBeforeTheTimeItNames() {
    Instant named = NOW.plus(DAY.multipliedBy(2));

    renewal.failed(NOW, Optional.of(named));
    assertThat(renewal.next()).isEqualTo(named);

    renewal.hurry(NOW.plus(DAY));
    assertThat(renewal.next()).as("nobody can hurry it").isEqualTo(named);
  }

  @Test
  void anAuthorityCannotSendUsAwayForGood() {
    assertThat(waited(NOW, Optional.of(NOW.plus(DAY.multipliedBy(4000)))))
        .isEqualTo(DAY.multipliedBy(7));
  }

  @Test
  void aFailureCanBeHurriedAndAGoodCertificateCannot() {
    renewal.failed(NOW, Optional.empty());
    renewal.hurry(NOW.plusSeconds(1));
    assertThat(renewal.isDue(NOW.plusSeconds(1))).isTrue();

    renewal.holds(NOW, NOW.plus(DAY));
    renewal.hurry(NOW.plusSeconds(1));
    assertThat(renewal.isDue(NOW.plusSeconds(1))).isFalse();
  }

  @Test
  void certificatesThatAreDueAtOnceAreNotObtainedWithoutEnd() {
    Duration last = Duration.ZERO;
    for (int i = 0; i < 5; i++) {
      renewal.obtained(NOW.minus(DAY), NOW.minusSeconds(1), NOW);
      Duration wait = Duration.between(NOW, renewal.next());
      assertThat(wait).isGreaterThan(last).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
      last = wait;
    }
  }
}
