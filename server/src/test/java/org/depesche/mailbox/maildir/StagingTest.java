package org.depesche.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir Path root;

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void everyFileHasANameOfItsOwn() throws IOException {
    Staging staging = Staging.open(root, NOW);

    Set<Path> names = new HashSet<>();
    for (int i = 0; i < 2 * Staging.FILES_PER_FOLDER; i++) {
      names.add(staging.next());
    }

    assertThat(names).hasSize(2 * Staging.FILES_PER_FOLDER);
    assertThat(names).allMatch(name -> name.startsWith(staging.parent()));
  }

  @Test
  void aFolderIsLeftWhenItHasHadItsFilesAndRemovedWhenTheyAreGone() throws IOException {
    Staging staging = Staging.open(root, NOW);
    Path first = staging.next();
    Files.createFile(first);
    for (int i = 0; i < Staging.FILES_PER_FOLDER; i++) {
      staging.next();
    }
    assertThat(children(staging.parent())).hasSize(2);

    Files.delete(first);
    for (int i = 0; i < Staging.FILES_PER_FOLDER; i++) {
      staging.next();
    }

    assertThat(children(staging.parent())).doesNotContain(first.getParent());
  }

  @Test
  void aFolderInWhichFilesTakeLongIsLeft() throws IOException {
    Staging staging = Staging.open(root, NOW);
    Path quick = make(staging, Staging.FILES_PER_TRIAL, 20_000);
    Path slow = make(staging, Staging.FILES_PER_TRIAL, 70_000);
    Path other = make(staging, 1, 20_000);

    assertThat(slow).as("one trial does not end a folder").isEqualTo(quick);
    assertThat(other).isNotEqualTo(slow);
  }

  @Test
  void whoHasToWaitForACoreIsNotSlow() throws IOException {
    Staging staging = Staging.open(root, NOW);
    Path first = make(staging, Staging.FILES_PER_TRIAL, 20_000);
    make(staging, Staging.FILES_PER_TRIAL - 1, 4_000_000);
    make(staging, 1, 25_000);

    assertThat(make(staging, 1, 20_000)).isEqualTo(first);
  }

  @Test
  void whereAllAreSlowFoldersAreNotLeftForEver() throws IOException {
    Staging staging = Staging.open(root, NOW);
    make(staging, Staging.FILES_PER_TRIAL, 20_000);
    Set<Path> folders = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      folders.add(make(staging, Staging.FILES_PER_TRIAL, 70_000));
    }

    assertThat(folders).hasSizeBetween(10, 25);
    assertThat(children(staging.parent())).as("empty ones are removed").hasSize(1);
  }

  /// Makes files that take so long; the folder of the last one.
  private static Path make(Staging staging, int files, long nanos) throws IOException {
    Path folder = Path.of("");
    for (int i = 0; i < files; i++) {
      folder = Objects.requireNonNull(staging.next().getParent());
      staging.took(nanos);
    }
    return folder;
  }

  @Test
  void whatADeadProcessLeftIsRemovedAndWhatIsFreshIsNot() throws IOException {
    Path stale = Staging.open(root, NOW).next();
    Files.createFile(stale);
    Files.setLastModifiedTime(stale, FileTime.from(NOW.minus(Duration.ofDays(3))));
    Path fresh = Staging.open(root, NOW).next();
    Files.createFile(fresh);
    Files.setLastModifiedTime(fresh, FileTime.from(NOW.minus(Duration.ofHours(1))));

    Staging.open(root, NOW.minus(Folders.STALE));

    assertThat(stale).doesNotExist();
    assertThat(fresh).exists();
  }

  @Test
  void noMailboxCanHaveItsName() {
    MailboxPath paths = MailboxPath.parse(root + "/{local}");

    assertThat(paths.resolve(new org.depesche.mail.Mailbox(".%staging", "example.org")))
        .isNotEqualTo(root.resolve(".%staging"));
  }
}
