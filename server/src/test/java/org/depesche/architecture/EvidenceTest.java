package org.depesche.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pages that say a claim is tested name tests that are there, and settings that are.
class EvidenceTest {

  private static final Path ROOT = Path.of(System.getProperty("depesche.root"));
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");
  private static final Pattern FILE = Pattern.compile("`((?:blackbox|tools|packaging)/[\\w./-]+)");
  private static final Pattern SETTING =
      Pattern.compile("`(limits|timeouts|tls|auth|spool|delivery|relay)\\.([a-z][a-z-]*[a-z])`");

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files =
        Stream.of("smtp", "mailauth", "server")
            .flatMap(module -> walk(ROOT.resolve(module).resolve("src/test/java")))) {
      return files.toList();
    }
  }

  private static Stream<Path> walk(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<MatchResult> all(Pattern pattern, String page) {
    return pattern.matcher(page).results();
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/security.md", "docs/operations/durability.md"})
  void whatIsNamedIsThere(String page) throws IOException {
    String text = Files.readString(ROOT.resolve(page));
    List<Path> sources = sources();
    Set<String> missing = new TreeSet<>();
    for (MatchResult test : all(TEST, text).toList()) {
      Path source =
          sources.stream()
              .filter(f -> f.getFileName().toString().equals(test.group(1) + ".java"))
              .findFirst()
              .orElse(null);
      if (source == null
          || test.group(2) != null
              && !Files.readString(source).contains("void " + test.group(2) + "(")) {
        missing.add(test.group());
      }
    }
    all(FILE, text)
        .filter(m -> !Files.exists(ROOT.resolve(m.group(1))))
        .forEach(m -> missing.add(m.group(1)));
    String settings = Files.readString(ROOT.resolve("docs/operations/configuration.md"));
    all(SETTING, text)
        .filter(m -> !settings.contains("| `" + m.group(2) + "` |"))
        .forEach(m -> missing.add(m.group()));

    assertThat(missing).isEmpty();
    assertThat(all(TEST, text).collect(Collectors.toSet())).hasSizeGreaterThan(3);
  }
}
