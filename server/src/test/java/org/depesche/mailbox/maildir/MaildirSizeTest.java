package org.depesche.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file other programs count with too.
class MaildirSizeTest {

  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  @TempDir private Path maildir;

  private final InstantSource clock = InstantSource.fixed(NOW);

  @BeforeEach
  void folders() throws IOException {
    for (String folder : new String[] {"", ".Sent", ".Trash"}) {
      for (String part : new String[] {"new", "cur", "tmp"}) {
        Files.createDirectories(maildir.resolve(folder).resolve(part));
      }
    }
    Files.writeString(maildir.resolve("new/1.a.host,S=100"), "not looked into");
    Files.writeString(maildir.resolve("cur/2.b.host,S=200:2,S"), "");
    Files.writeString(maildir.resolve(".Sent/cur/3.c.host:2,S"), "thirteen octe");
    Files.writeString(maildir.resolve("tmp/4.d.host,S=999"), "unfinished");
  }

  private Path file() {
    return maildir.resolve(MaildirSize.NAME);
  }

  private long used(long quota) throws IOException {
    return new MaildirSize(maildir).used(quota, clock);
  }

  private void counted(String text, Duration ago) throws IOException {
    Files.writeString(file(), text);
    Files.setLastModifiedTime(file(), FileTime.from(NOW.minus(ago)));
  }

  @Test
  void allFoldersAreCountedOnceAndThenTheFile() throws IOException {
    assertThat(used(5000)).isEqualTo(313);
    assertThat(file()).hasContent("5000S\n313 3\n");
    new MaildirSize(maildir).added(87);
    assertThat(used(5000)).isEqualTo(400);
  }

  @Test
  void whatOthersHaveWrittenIsReckonedWith() throws IOException {
    counted("5000S\n1000 10\n-100 -1\n        50            1\n", Duration.ofHours(1));

    assertThat(used(5000)).isEqualTo(950);
  }

  @Test
  void anotherQuotaOrNonsenseIsCountedAnew() throws IOException {
    counted("4000S\n1000 10\n", Duration.ZERO);
    assertThat(used(5000)).isEqualTo(313);
    counted("5000S\nnonsense\n", Duration.ZERO);
    assertThat(used(5000)).isEqualTo(313);
    counted("5000S\n" + "1 1\n".repeat(2000), Duration.ZERO);
    assertThat(used(5000)).isEqualTo(313);
  }

  @Test
  void nobodyIsKeptOutByAnOldCount() throws IOException {
    counted("5000S\n6000 10\n", Duration.ofSeconds(30));
    assertThat(used(5000)).isEqualTo(6000);
    counted("5000S\n6000 10\n", Duration.ofSeconds(90));
    assertThat(used(5000)).isEqualTo(313);
  }

  @Test
  void withoutAFileNobodyCounts() {
    new MaildirSize(maildir).added(87);

    assertThat(file()).doesNotExist();
  }
}
