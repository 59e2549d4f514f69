package org.depesche.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// After 250 nothing is lost: every acknowledged message comes to be in every mailbox it is for,
/// once, whenever the power fails.
class PromiseOneTest {

  private static void holds(Simulation simulation) {
    simulation.comeToRest();

    var copies = simulation.copies();
    for (var message : simulation.acknowledged()) {
      for (var mailbox : message.mailboxes()) {
        assertThat(copies.get(mailbox).getOrDefault(message.subject(), 0))
            .as("%s in %s", message.subject(), mailbox)
            .isEqualTo(1);
      }
    }
    assertThat(simulation.inSpool()).isZero();
  }

  @Test
  void holdsWithoutFaults() {
    Simulation simulation = new Simulation(1, 0, 0);
    for (int i = 0; i < 500; i++) {
      simulation.step();
    }

    holds(simulation);
    assertThat(simulation.acknowledged()).hasSizeGreaterThan(200);
    assertThat(simulation.powerLosses()).isZero();
  }

  /// The same history again and again, the plug pulled one step later each time, until the history
  /// is longer than that.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void holdsWhereverThePlugIsPulled(long seed) {
    int plugAt = 1;
    boolean pulled = true;
    while (pulled) {
      Simulation simulation = new Simulation(seed, plugAt, 0.2);
      for (int i = 0; i < 30; i++) {
        simulation.step();
      }
      pulled = simulation.powerLosses() > 0;
      holds(simulation);
      plugAt++;
    }
    assertThat(plugAt).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
  void holdsOverDaysWithPowerLossAgainAndAgain(long seed) {
    Random plug = new Random(seed);
    Simulation simulation = new Simulation(seed, 0, 0.3);
    for (int i = 0; i < 1_500; i++) {
      if (plug.nextInt(10) == 0) {
        simulation.pullPlugIn(1 + plug.nextInt(12));
      }
      simulation.step();
    }

    assertThat(simulation.powerLosses()).isGreaterThan(50);
    holds(simulation);
  }
}
