package org.depesche.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;

/// Any text is a configuration or is refused with a place; what is shown of it can be read again.
class ConfigurationFuzzTest {

  private static final String FILE = "hostname = \"a.test\"\n[[listener]]\naddress = \":25\"\n";

  @FuzzTest(maxDuration = "1m")
  void anyTextIsReadOrRefused(byte[] bytes) {
    switch (ConfigurationLoader.parse(new String(bytes, UTF_8), "c.toml", Map.of())) {
      case ConfigurationLoader.Refused(var problems) -> {
        assertThat(problems).isNotEmpty();
        assertThat(problems).allMatch(p -> !p.message().isEmpty());
      }
      case ConfigurationLoader.Loaded(var settings, var origins) ->
          assertThat(
                  ConfigurationLoader.parse(
                      EffectiveSettings.toml(settings, origins), "shown", Map.of()))
              .isInstanceOf(ConfigurationLoader.Loaded.class);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anyOverrideIsTakenOrRefused(byte[] bytes) {
    String[] set = new String(bytes, UTF_8).split("=", 2);

    assertThat(ConfigurationLoader.parse(FILE, "c.toml", Map.of(set[0], set[set.length - 1])))
        .isNotNull();
  }

  @FuzzTest(maxDuration = "1m")
  void sizesAndLengthsOfTimeReadBack(byte[] bytes) {
    String text = new String(bytes, UTF_8);

    DataSize.parse(text)
        .ifPresent(size -> assertThat(DataSize.parse(size.toString())).contains(size));
    Durations.parse(text)
        .ifPresent(time -> assertThat(Durations.parse(Durations.format(time))).contains(time));
    ListenAddress.parse(text)
        .ifPresent(a -> assertThat(ListenAddress.parse(a.toString())).contains(a));
  }
}
