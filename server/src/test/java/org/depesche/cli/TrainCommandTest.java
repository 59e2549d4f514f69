package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/// The load a JVM learns by.
class TrainCommandTest {

  @Test
  @Timeout(60)
  void messagesGoThroughAServerOfItsOwn() {
    assertThat(new CommandLine(new TrainCommand()).execute("--messages", "40")).isZero();
  }
}
