package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The load a JVM learns by.
class TrainingTest {

  @Test
  @Timeout(60)
  void messagesGoThroughAServerOfItsOwn() throws Exception {
    assertThat(new Training(40, List.of()).run()).isZero();
  }

  @Test
  @Timeout(60)
  void aProgramIsRunBesideTheServerWithItsConfiguration() throws Exception {
    List<String> looks = List.of("sh", "-c", "grep -q 'mx.train.test' \"$1\"", "sh");
    List<String> fails = List.of("sh", "-c", "exit 3");

    assertThat(new Training(40, looks).run()).isZero();
    assertThat(new Training(40, fails).run()).isEqualTo(1);
  }
}
