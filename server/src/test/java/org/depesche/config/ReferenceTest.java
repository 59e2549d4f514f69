package org.depesche.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tomlj.Toml;
import org.tomlj.TomlArray;

/// The reference and what it says of the keys.
class ReferenceTest {

  private static final Path DOCUMENT =
      Path.of(System.getProperty("depesche.root", ".."), "docs/operations/configuration.md");

  @Test
  void theDocumentIsWhatTheCodeSays() throws IOException {
    if ("write".equals(System.getProperty("depesche.documents"))) {
      Files.writeString(DOCUMENT, Reference.markdown());
    }

    assertThat(Files.readString(DOCUMENT))
        .as("%s; write it anew with -Ddepesche.documents=write", DOCUMENT)
        .isEqualTo(Reference.markdown());
  }

  @Test
  void everyKeyIsInItsTableWithAMeaning() {
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      assertThat(component.getAnnotation(Doc.class)).as(component.getName()).isNotNull();
      Class<?> type = Shape.element(component);
      if (Shape.isTable(type)) {
        for (RecordComponent inner : type.getRecordComponents()) {
          assertThat(Reference.markdown()).contains("| `" + Shape.key(inner) + "` | ");
          assertThat(inner.getAnnotation(Doc.class)).as(inner.getName()).isNotNull();
        }
      }
    }
  }

  @Test
  void examplesCanBeRead() {
    int read = 0;
    List<RecordComponent> components = new ArrayList<>();
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      components.add(component);
      if (Shape.isTable(Shape.element(component))) {
        components.addAll(List.of(Shape.element(component).getRecordComponents()));
      }
    }
    for (RecordComponent component : components) {
      String example = component.getAnnotation(Doc.class).example();
      // Fingerprints and hashes are too long to be shown whole.
      if (!example.isEmpty() && !example.contains("...")) {
        Object value = Toml.parse("key = " + example).get("key");
        List<?> values = value instanceof TomlArray array ? array.toList() : List.of(value);
        for (Object each : values) {
          assertThat(Scalars.read(Shape.element(component), each))
              .as("%s = %s", component.getName(), example)
              .isPresent();
          read++;
        }
      }
    }
    assertThat(read).isGreaterThan(50);
  }
}
