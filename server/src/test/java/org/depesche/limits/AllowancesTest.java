package org.depesche.limits;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.depesche.limits.Allowances.Kind.MESSAGES;
import static org.depesche.limits.Allowances.Kind.OCTETS;
import static org.depesche.limits.Allowances.Kind.RECIPIENTS;
import static org.depesche.limits.Allowances.Scope.ACCOUNT;
import static org.depesche.limits.Allowances.Scope.LISTENER;
import static org.depesche.limits.Allowances.Scope.NETWORK;
import static org.depesche.limits.Allowances.Scope.PROGRAM;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.depesche.limits.Allowances.Limits;
import org.depesche.limits.Allowances.Rate;
import org.depesche.limits.Allowances.Sender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What may be sent in a time.
class AllowancesTest {

  private static final Sender ANN = new Sender(ACCOUNT, "ann@example.org");
  private static final Sender BEN = new Sender(ACCOUNT, "\"b e|n\"@example.org");
  private static final Sender STRANGER = new Sender(NETWORK, "192.0.2.1");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Limits limits =
      new Limits(
          Map.of(
              MESSAGES, new Rate(60, Duration.ofHours(1)),
              OCTETS, new Rate(1000, Duration.ofDays(1))),
          Map.of(MESSAGES, new Rate(2, Duration.ofMinutes(1))));
  private final Allowances allowances = new Allowances(limits, () -> now);

  private Optional<Duration> message(Sender sender) {
    return allowances.take(sender, MESSAGES, 1, Map.of());
  }

  @Test
  void whatIsThereMayBeUsedAtOnceAndComesBackEvenly() {
    for (int i = 0; i < 60; i++) {
      assertThat(message(ANN)).isEmpty();
    }
    assertThat(message(ANN)).contains(Duration.ofMinutes(1));
    assertThat(message(ANN)).as("asking costs nothing").contains(Duration.ofMinutes(1));
    assertThat(message(BEN)).as("somebody else").isEmpty();

    now = now.plusSeconds(60);
    assertThat(message(ANN)).isEmpty();
    assertThat(message(ANN)).contains(Duration.ofMinutes(1));

    now = now.plusSeconds(3600);
    assertThat(allowances.uses(ANN, Map.of()))
        .extracting(Allowances.Use::used)
        .containsExactly(0L, 0L);
  }

  @Test
  void aClockThatWasAheadTakesNothingAwayFromLaterOn() {
    now = now.plus(Duration.ofDays(30));
    for (int i = 0; i < 60; i++) {
      assertThat(message(ANN)).isEmpty();
    }
    now = now.minus(Duration.ofDays(30));
    assertThat(message(ANN)).contains(Duration.ofMinutes(1));

    now = now.plusSeconds(60);
    assertThat(message(ANN)).isEmpty();
  }

  @Test
  void oneMessageLargerThanAllThereIsGoesOnce() {
    assertThat(allowances.take(ANN, OCTETS, 5000, Map.of())).isEmpty();
    assertThat(allowances.take(ANN, OCTETS, 1, Map.of())).isNotEmpty();

    now = now.plus(Duration.ofDays(4));
    assertThat(allowances.take(ANN, OCTETS, 1, Map.of())).contains(Duration.ofMillis(86_400));
    assertThat(allowances.take(ANN, OCTETS, 5000, Map.of()))
        .as("until nothing is used")
        .contains(Duration.ofDays(1));
  }

  @Test
  void whatHasNoLimitIsNotCounted() {
    assertThat(allowances.take(ANN, RECIPIENTS, Long.MAX_VALUE, Map.of())).isEmpty();
    assertThat(allowances.take(STRANGER, OCTETS, Long.MAX_VALUE, Map.of())).isEmpty();
    assertThat(allowances.levels()).isEmpty();
  }

  @Test
  void whatASenderHasOfItsOwnGoesBeforeWhatAllHave() {
    Map<Allowances.Kind, Rate> own = Map.of(MESSAGES, new Rate(2, Duration.ofHours(1)));
    assertThat(allowances.take(ANN, MESSAGES, 2, own)).isEmpty();
    assertThat(allowances.take(ANN, MESSAGES, 1, own)).contains(Duration.ofMinutes(30));
    assertThat(message(ANN)).as("the larger limit of all").isEmpty();
    assertThat(allowances.uses(ANN, own))
        .extracting(use -> use.of().amount())
        .containsExactly(2L, 1000L);

    for (Allowances.Scope scope : List.of(PROGRAM, LISTENER)) {
      Sender sender = new Sender(scope, ANN.name());
      assertThat(message(sender)).as("no limit for all of this kind").isEmpty();
      assertThat(allowances.take(sender, MESSAGES, 2, own)).isEmpty();
      assertThat(allowances.take(sender, MESSAGES, 1, own)).isNotEmpty();
    }
  }

  @Test
  void otherLimitsHoldAtOnceAndWhatWasUsedStaysUsed() {
    message(STRANGER);
    message(STRANGER);
    assertThat(message(STRANGER)).isNotEmpty();

    allowances.limits(new Limits(Map.of(), Map.of(MESSAGES, new Rate(3, Duration.ofMinutes(1)))));

    assertThat(message(STRANGER)).isEmpty();
    assertThat(message(STRANGER)).isNotEmpty();
  }

  @Test
  void aClockThatGoesBackGivesNothing() {
    message(STRANGER);
    message(STRANGER);
    now = now.minusSeconds(1000);
    assertThat(message(STRANGER)).isNotEmpty();
  }

  @Test
  void theFileKeepsItOverARestart(@TempDir Path folder) throws IOException {
    AllowanceFile file = new AllowanceFile(folder.resolve("allowances"));
    file.restore(allowances);
    for (int i = 0; i < 60; i++) {
      message(ANN);
    }
    message(BEN);
    file.save(allowances);

    Allowances again = new Allowances(limits, () -> now);
    file.restore(again);

    assertThat(again.take(ANN, MESSAGES, 1, Map.of())).contains(Duration.ofMinutes(1));
    assertThat(again.uses(BEN, Map.of())).extracting(Allowances.Use::used).containsExactly(1L, 0L);
  }

  @Test
  void nonsenseInTheFileIsLeftOut(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("allowances");
    Files.writeString(
        path,
        """
        allowances 1
        account ann%40example.org MESSAGES 60 1767225600000
        account ann%40example.org LETTERS 60 1767225600000
        account ann%zz MESSAGES 60 x
        half a li
        account \u00ff MESSAGES 60 1767225600000
        """,
        ISO_8859_1);
    new AllowanceFile(path).restore(allowances);
    assertThat(allowances.levels()).hasSize(2);
    assertThat(message(ANN)).isNotEmpty();
  }
}
