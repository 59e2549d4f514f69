package org.depesche.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {

  @Test
  void anAmountInATime() {
    assertThat(RateLimit.parse("500/1h"))
        .isEqualTo(Optional.of(new RateLimit(500, Duration.ofHours(1))));
    assertThat(RateLimit.parse(" 1GiB / 1d "))
        .isEqualTo(Optional.of(new RateLimit(1L << 30, Duration.ofDays(1))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"500/1h", "1GiB/1d", "2000/5m"})
  void isWrittenAsItIsRead(String text) {
    assertThat(RateLimit.parse(text).map(RateLimit::toString)).contains(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "500", "/1h", "500/", "0/1h", "500/0s", "-1/1h", "500/h", "many/1h"})
  void otherTextIsNone(String text) {
    assertThat(RateLimit.parse(text)).isEmpty();
  }
}
