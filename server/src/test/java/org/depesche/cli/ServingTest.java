package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What `serve` is asked for is the same, whoever reads it.
class ServingTest {

  private static ConfigChoice byTheLibrary(String... options) {
    ConfigOption read = new ConfigOption();
    new CommandLine(read).parseArgs(options);
    return read.choice();
  }

  private static String[] options(String line) {
    return line.isEmpty() ? new String[0] : line.split(" ");
  }

  private static Optional<ConfigChoice> plainly(String line) {
    return Serving.plainly(line.isEmpty() ? new String[] {"serve"} : ("serve " + line).split(" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--config a.toml",
        "--data /var/lib/depesche --config etc/a.toml",
        "--set limits.recipients=500",
        "--set a=1 --set b=x=y --set c= --data d",
      })
  void readsPlainOptionsAsTheLibraryDoes(String line) {
    assertThat(plainly(line)).contains(byTheLibrary(options(line)));
  }

  @Test
  void takesWhatIsSaid() {
    assertThat(plainly("--config a.toml --set b=1"))
        .contains(
            new ConfigChoice(Optional.of(Path.of("a.toml")), Optional.empty(), Map.of("b", "1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--config",
        "--config=a.toml",
        "--config a --config b",
        "--set a",
        "--set =a",
        "--set a=1 --set a=2",
        "--data -x",
        "--data @file",
        "--data 'a'",
        "--unknown a",
        "a b",
      })
  void leavesAllElseToTheLibrary(String line) {
    assertThat(plainly(line)).isEmpty();
  }

  @Test
  void otherCommandsAreForTheLibrary() {
    assertThat(Serving.plainly(new String[] {})).isEmpty();
    assertThat(Serving.plainly(new String[] {"status"})).isEmpty();
    assertThat(Serving.plainly(new String[] {"stop", "--data", "a"})).isEmpty();
  }
}
