package org.depesche.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.depesche.testing.Documents;
import org.depesche.testing.SampleEvents;
import org.junit.jupiter.api.Test;

class MailLogCatalogueTest {

  private static final List<String> ORDER =
      Arrays.stream(MailLogLine.Key.values()).map(MailLogLine.Key::word).toList();

  @Test
  void theSamplesAreOneOfEachKind() {
    assertThat(SampleEvents.all().stream().map(Object::getClass))
        .containsExactlyInAnyOrder(MailEvent.class.getPermittedSubclasses());
  }

  @Test
  void keysComeInTheirFixedOrder() {
    for (MailEvent event : SampleEvents.all()) {
      List<Integer> places = keys(event).stream().map(ORDER::indexOf).toList();

      assertThat(places).as(event.name()).isSorted().doesNotContain(-1).doesNotHaveDuplicates();
    }
  }

  @Test
  void everyKeyIsUsed() {
    assertThat(SampleEvents.all().stream().flatMap(e -> keys(e).stream()).distinct())
        .containsExactlyInAnyOrderElementsOf(ORDER);
  }

  @Test
  void theCatalogueIsDocumented() throws IOException {
    StringBuilder expected = new StringBuilder("| event | keys |\n|---|---|\n");
    for (MailEvent event : SampleEvents.all()) {
      expected
          .append("| `")
          .append(event.name())
          .append("` | `")
          .append(String.join(" ", keys(event).subList(1, keys(event).size())))
          .append("` |\n");
    }
    expected.append("\nOne line of each:\n\n```\n");
    SampleEvents.all().forEach(event -> expected.append(MailLogLineTest.line(event)));
    expected.append("```\n");

    Documents.assertGenerated("docs/operations/mail-log.md", expected.toString());
  }

  private static List<String> keys(MailEvent event) {
    String unquoted = MailLogLineTest.line(event).replaceAll("\"[^\"]*\"", "");
    return Pattern.compile(" (\\w+)=")
        .matcher(unquoted)
        .results()
        .map(MatchResult::group)
        .map(key -> key.substring(1, key.length() - 1))
        .toList();
  }
}
