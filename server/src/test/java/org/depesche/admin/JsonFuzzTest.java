package org.depesche.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/// What a file or a server says is read or refused, and what was read is written alike.
class JsonFuzzTest {

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreReadOrRefused(byte[] bytes) {
    Explanation read;
    try {
      read = Json.read(bytes, Explanation.class);
    } catch (IllegalArgumentException expected) {
      return;
    }

    assertThat(Json.read(Json.write(read), Explanation.class)).isEqualTo(read);
  }
}
