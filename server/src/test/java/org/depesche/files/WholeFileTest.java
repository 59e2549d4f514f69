package org.depesche.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

  @TempDir Path folder;

  @Test
  void isReplacedForItsOwnersEyesWhateverLiesAround() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old and longer");
    Files.writeString(folder.resolve("f.new"), "left by a crash");

    WholeFile.replace(file, "new".getBytes(US_ASCII));

    assertThat(file).hasContent("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(folder.resolve("f.new")).doesNotExist();
  }

  @Test
  void staysAsItWasWhenItCannotBeWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    Files.createDirectories(folder.resolve("f.new/in/the/way"));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> WholeFile.replace(file, "new".getBytes(US_ASCII)));

    assertThat(file).hasContent("old");
  }
}
