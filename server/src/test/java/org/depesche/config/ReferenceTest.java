package org.depesche.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
  void examplesAreRight() {
    String examples =
        """
        hostname = %s
        [[listener]]
        address = %s
        [[domain]]
        name = %s
        catch-all = %s
        [[account]]
        address = %s
        aliases = %s
        [[account]]
        address = "postmaster@example.org"
        """
            .formatted(
                example(Settings.class, "hostname"),
                example(Settings.Listener.class, "address"),
                example(Settings.LocalDomain.class, "name"),
                example(Settings.LocalDomain.class, "catchAll"),
                example(Settings.Account.class, "address"),
                example(Settings.Account.class, "aliases"));

    assertThat(ConfigurationLoader.parse(examples, "c.toml", Map.of()))
        .isInstanceOf(ConfigurationLoader.Loaded.class);
  }

  private static String example(Class<?> type, String name) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getName().equals(name)) {
        return component.getAnnotation(Doc.class).example();
      }
    }
    throw new AssertionError(name);
  }
}
