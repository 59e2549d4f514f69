package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The load a JVM learns by.
class TrainingTest {

  @Test
  @Timeout(60)
  void messagesGoThroughAServerOfItsOwn() throws Exception {
    assertThat(new Training(40).run()).isZero();
  }
}
