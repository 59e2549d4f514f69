package org.depesche.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// docs/rfc.tsv is true: well formed, complete for what the sources cite, and no claim without code
/// and test behind it.
class RfcTableTest {

  private static final Path ROOT = Path.of(System.getProperty("depesche.root"));
  private static final Pattern CITATION =
      Pattern.compile("RFC (\\d{3,5})((?: ?,? ?§[0-9A-Z][0-9A-Z.]*)*)");
  private static final Pattern SECTION = Pattern.compile("§([0-9A-Z]+(?:\\.[0-9A-Z]+)*)");

  private record Row(String rfc, String section, String status, String note) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/rfc.tsv"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] cells = line.split("\t", -1);
      assertThat(cells).as(line).hasSize(4);
      rows.add(new Row(cells[0], cells[1], cells[2], cells[3]));
    }
    return rows;
  }

  /// Every `RFC n §s` in files below folders of that name, as `n §s`.
  private static Set<String> citations(String... folders) throws IOException {
    Set<String> found = new TreeSet<>();
    for (String module : List.of("smtp", "mailauth", "server")) {
      for (String folder : folders) {
        Path root = ROOT.resolve(module).resolve(folder);
        if (!Files.isDirectory(root)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.filter(f -> f.toString().matches(".*\\.(java|smtp)")).toList()) {
            cited(Files.readString(file), found);
          }
        }
      }
    }
    return found;
  }

  private static void cited(String text, Set<String> found) {
    Matcher citation = CITATION.matcher(text);
    while (citation.find()) {
      found.add(citation.group(1));
      Matcher section = SECTION.matcher(citation.group(2));
      while (section.find()) {
        found.add(citation.group(1) + " §" + section.group(1));
      }
    }
  }

  @Test
  void rowsAreWellFormedAndUnique() throws IOException {
    List<Row> rows = rows();

    assertThat(rows).hasSizeGreaterThan(50);
    assertThat(rows).allMatch(r -> r.rfc().matches("\\d{3,5}"));
    assertThat(rows).allMatch(r -> r.section().matches("[0-9A-Z]+(\\.[0-9A-Z]+)*|-"));
    assertThat(rows).allMatch(r -> Set.of("yes", "partial", "no").contains(r.status()));
    assertThat(rows).allMatch(r -> !r.note().isBlank());
    assertThat(rows.stream().map(r -> r.rfc() + " " + r.section())).doesNotHaveDuplicates();
  }

  @Test
  void everyRfcThatTheProductCitesHasARow() throws IOException {
    Set<String> known = rows().stream().map(Row::rfc).collect(Collectors.toSet());

    Set<String> cited =
        citations("src/main").stream()
            .map(c -> c.replaceFirst(" .*", ""))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(known).containsAll(cited);
  }

  @Test
  void everyClaimIsCitedWhereItIsKeptAndTested() throws IOException {
    Set<String> everywhere = citations("src/main", "src/test");
    List<String> unproven = new ArrayList<>();
    for (Row row : rows()) {
      String name = row.section().equals("-") ? row.rfc() : row.rfc() + " §" + row.section();
      boolean cited = everywhere.stream().anyMatch(c -> c.equals(name) || c.startsWith(name + "."));
      if (!row.status().equals("no") && !cited) {
        unproven.add(name);
      }
    }

    assertThat(unproven).isEmpty();
  }
}
