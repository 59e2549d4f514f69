package org.depesche.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// After 250 nothing is lost: every acknowledged message comes to be in every mailbox it is for,
/// once, and to every recipient elsewhere, or back to its sender, whenever the power fails.
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
      for (String recipient : message.elsewhere()) {
        delivered(simulation.world(), message.number(), recipient);
      }
    }
    assertThat(simulation.inSpool()).isZero();
  }

  /// A recipient elsewhere has the message, or its sender has heard that it has not. A crash may
  /// repeat a delivery (RFC 1047); it never repeats what the sender is told.
  private static void delivered(World world, int message, String recipient) {
    int copies = world.copies(message, recipient);
    int failures = world.failures(message, recipient);

    assertThat(copies + failures).as("%s to %s", message, recipient).isPositive();
    assertThat(failures).as("told of %s to %s", message, recipient).isLessThanOrEqualTo(1);
    if (recipient.startsWith("nobody")) {
      assertThat(failures).isEqualTo(1);
    }
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
