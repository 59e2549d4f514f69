package org.depesche.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Documents of the repository that follow from the code, as a whole or in part.
///
/// `-Ddepesche.documents=write` writes the generated parts instead of checking them.
public final class Documents {

  private static final String BEGIN = "<!-- generated: begin -->\n";
  private static final String END = "<!-- generated: end -->\n";

  private Documents() {}

  /// Checks that the part of a document between its marks is what the code says.
  ///
  /// @param document path from the repository's root
  public static void assertGenerated(String document, String expected) throws IOException {
    Path path = Path.of(System.getProperty("depesche.root", "..")).resolve(document);
    String text = Files.readString(path);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    int end = text.indexOf(END);
    assertThat(text).contains(BEGIN, END);
    if ("write".equals(System.getProperty("depesche.documents"))) {
      Files.writeString(path, text.substring(0, begin) + expected + text.substring(end));
      return;
    }
    assertThat(text.substring(begin, end))
        .as("%s; write it anew with -Ddepesche.documents=write", document)
        .isEqualTo(expected);
  }

  /// Checks that a file is what the code says.
  ///
  /// @param file path from the repository's root
  public static void assertSame(Path file, String expected) throws IOException {
    Path path = Path.of(System.getProperty("depesche.root", "..")).resolve(file);
    if ("write".equals(System.getProperty("depesche.documents"))) {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, expected);
      return;
    }
    assertThat(Files.readString(path))
        .as("%s; write it anew with -Ddepesche.documents=write", file)
        .isEqualTo(expected);
  }
}
