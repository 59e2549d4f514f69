package org.depesche.mailbox.maildir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.depesche.mail.EnvelopeId;
import org.depesche.mail.Mailbox;
import org.depesche.mailbox.MailboxException;
import org.depesche.mailbox.UnreadableMessageException;
import org.depesche.testing.BytesContent;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is on disk when, and what is left when something fails.
@Timeout(60)
class MaildirDurabilityTest {

  private static final Mailbox ALICE = new Mailbox("alice", "example.org");
  private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");
  private static final EnvelopeId NEW = EnvelopeId.firstAt(START.toEpochMilli() + 1);
  private static final EnvelopeId OLD = EnvelopeId.firstAt(START.toEpochMilli() - 60_000);

  @TempDir Path root;

  private MaildirStore store(Disk disk) {
    return new MaildirStore(
        root + "/{domain}/{local}/Maildir",
        "mx.test",
        InstantSource.fixed(START),
        Ticker.system(),
        disk);
  }

  private Path maildir() {
    return root.resolve("example.org/alice/Maildir");
  }

  private List<String> names(String folder) throws IOException {
    Path path = maildir().resolve(folder);
    if (!Files.exists(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static EnvelopeId id(int n) {
    return new EnvelopeId(NEW.value() + n);
  }

  private static BytesContent text(String text) {
    return BytesContent.of(text);
  }

  @Test
  void theFileIsNamedAfterTheMessageAndItsSize() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, NEW, "A: b\r\n", text("\r\nx\r\n"));
    }

    assertThat(names("new")).containsExactly("1795435200." + NEW + ".mx.test,S=11");
    assertThat(names("tmp")).isEmpty();
  }

  @Test
  void foldersAndFilesAreTheOwnersOnly() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, NEW, "", text("x"));
    }

    Path file = maildir().resolve("new").resolve(names("new").getFirst());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    for (Path folder : List.of(root.resolve("example.org"), maildir(), maildir().resolve("cur"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noFileGetsItsNameBeforeItsBytesAreSynced(boolean shared) throws Exception {
    FaultyDisk disk = new FaultyDisk(shared);
    try (MaildirStore store = store(disk)) {
      deliverAtOnce(store, 200);
    }

    assertThat(names("new")).hasSize(200);
    assertThat(disk.renamedTooEarly()).isEmpty();
  }

  @Test
  void allThatWaitShareASync() throws Exception {
    FaultyDisk disk = new FaultyDisk(true);
    CountDownLatch gate = new CountDownLatch(1);
    try (MaildirStore store = store(disk)) {
      store.append(ALICE, id(1000), "", text("first"));
      int before = disk.count(FaultyDisk.Call.SYNC_ALL);
      int files = disk.count(FaultyDisk.Call.SYNC_FILE);
      disk.hold(gate);
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 100; i++) {
          int n = i;
          threads.execute(() -> deliver(store, n));
        }
        while (disk.count(FaultyDisk.Call.WRITE) < 101) {
          Thread.onSpinWait();
        }
        gate.countDown();
      }

      // One round for those that came before the gate, one for the rest, one for their names.
      assertThat(disk.count(FaultyDisk.Call.SYNC_ALL) - before).isLessThanOrEqualTo(4);
      assertThat(disk.count(FaultyDisk.Call.SYNC_FILE) - files).isLessThanOrEqualTo(1);
    }
    assertThat(names("new")).hasSize(101);
  }

  @Test
  void aMessageAloneNeedsItsFileAndItsFolderSynced() throws Exception {
    FaultyDisk disk = new FaultyDisk(true);
    try (MaildirStore store = store(disk)) {
      store.append(ALICE, id(1), "", text("makes the folder"));
      int all = disk.count(FaultyDisk.Call.SYNC_ALL);

      store.append(ALICE, id(2), "", text("x"));

      assertThat(disk.count(FaultyDisk.Call.SYNC_ALL)).isEqualTo(all);
      assertThat(disk.count(FaultyDisk.Call.SYNC_FILE)).isEqualTo(2);
      assertThat(disk.count(FaultyDisk.Call.SYNC_FOLDER)).isEqualTo(1);
    }
  }

  @Test
  void theFirstMessageOfAMailboxMakesTheFoldersAboveDurableToo() throws Exception {
    FaultyDisk disk = new FaultyDisk(false);
    try (MaildirStore store = store(disk)) {
      store.append(ALICE, id(1), "", text("x"));
      // root, domain, account, Maildir, new
      assertThat(disk.count(FaultyDisk.Call.SYNC_FOLDER)).isEqualTo(5);

      store.append(ALICE, id(2), "", text("x"));

      assertThat(disk.count(FaultyDisk.Call.SYNC_FOLDER)).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @EnumSource(FaultyDisk.Call.class)
  void whateverFailsIsReportedLeavesNothingAndMaySucceedLater(FaultyDisk.Call call)
      throws Exception {
    FaultyDisk disk = new FaultyDisk(call == FaultyDisk.Call.SYNC_ALL);
    disk.fail(call, "No space left on device");
    try (MaildirStore store = store(disk)) {
      assertThatExceptionOfType(MailboxException.class)
          .isThrownBy(() -> store.append(ALICE, NEW, "", text("x")))
          .withMessage("mailbox alice@example.org: No space left on device");
      assertThat(names("new")).isEmpty();
      assertThat(names("tmp")).isEmpty();
      disk.heal();

      store.append(ALICE, NEW, "", text("x"));
    }

    assertThat(names("new")).hasSize(1);
  }

  @Test
  void aFailedSyncFailsAllItWasForAndIsNotTriedAgainForThem() throws Exception {
    FaultyDisk disk = new FaultyDisk(true);
    try (MaildirStore store = store(disk)) {
      store.append(ALICE, id(1000), "", text("before"));
      disk.fail(FaultyDisk.Call.SYNC_ALL, "Input/output error");
      disk.fail(FaultyDisk.Call.SYNC_FILE, "Input/output error");

      int failed = 0;
      for (Future<Boolean> each : deliverAtOnce(store, 50)) {
        failed += each.get() ? 0 : 1;
      }

      assertThat(failed).isEqualTo(50);
      assertThat(names("tmp")).isEmpty();
      assertThat(names("new")).hasSize(1);
      disk.heal();
      assertThat(deliverAtOnce(store, 50)).allMatch(MaildirDurabilityTest::result);
    }
    assertThat(names("new")).hasSize(51);
  }

  private static boolean result(Future<Boolean> future) {
    return future.resultNow();
  }

  private static List<Future<Boolean>> deliverAtOnce(MaildirStore store, int count) {
    List<Future<Boolean>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int n = i;
        running.add(threads.submit(() -> deliver(store, n)));
      }
    }
    return running;
  }

  private static boolean deliver(MaildirStore store, int n) {
    try {
      store.append(ALICE, id(n), "N: " + n + "\r\n", text("\r\nx\r\n"));
      return true;
    } catch (MailboxException | UnreadableMessageException e) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"new, ''", "cur, ':2,S'", "cur, ':2,'"})
  void aMessageAnEarlierProcessDeliveredIsFoundWhereverItsReaderPutIt(String folder, String flags)
      throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, OLD, "", text("x"));
    }
    String name = names("new").getFirst();
    Files.move(maildir().resolve("new/" + name), maildir().resolve(folder + "/" + name + flags));

    try (MaildirStore restarted = store(new HostDisk())) {
      restarted.append(ALICE, OLD, "", text("x"));
    }

    assertThat(names(folder)).containsExactly(name + flags);
    assertThat(names("new").size() + names("cur").size()).isEqualTo(1);
  }

  @Test
  void aCopyThatWasFoundIsMadeDurableAndStaysWhenThatFails() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, OLD, "", text("x"));
    }
    FaultyDisk disk = new FaultyDisk(false);
    disk.fail(FaultyDisk.Call.SYNC_FOLDER, "Input/output error");
    try (MaildirStore restarted = store(disk)) {
      assertThatExceptionOfType(MailboxException.class)
          .isThrownBy(() -> restarted.append(ALICE, OLD, "", text("x")));
      disk.heal();
      restarted.append(ALICE, OLD, "", text("x"));
      assertThat(disk.count(FaultyDisk.Call.CREATE)).isZero();
    }

    assertThat(names("new")).hasSize(1);
  }

  @Test
  void whatAProcessLeftInTmpIsWrittenAnew() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, OLD, "", text("whole"));
      String name = names("new").getFirst();
      Files.delete(maildir().resolve("new/" + name));
      Files.writeString(maildir().resolve("tmp/" + name), "ha");
    }

    try (MaildirStore restarted = store(new FaultyDisk(true))) {
      restarted.append(ALICE, OLD, "", text("whole"));
    }

    assertThat(names("tmp")).isEmpty();
    assertThat(maildir().resolve("new/" + names("new").getFirst())).hasContent("whole");
  }

  @Test
  void leftoversAreSweptAfterThirtySixHours() throws Exception {
    Path tmp = Files.createDirectories(maildir().resolve("tmp"));
    Path stale = Files.writeString(tmp.resolve("stale"), "x");
    Path recent = Files.writeString(tmp.resolve("recent"), "x");
    Files.setLastModifiedTime(stale, FileTime.from(START.minus(Duration.ofHours(37))));
    Files.setLastModifiedTime(recent, FileTime.from(START.minus(Duration.ofHours(35))));

    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, NEW, "", text("x"));
    }

    assertThat(stale).doesNotExist();
    assertThat(recent).exists();
  }

  @Test
  void aFolderRemovedBehindOurBackIsMadeAgain() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, id(1), "", text("x"));
      try (Stream<Path> all = Files.walk(root.resolve("example.org"))) {
        for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(path);
        }
      }

      store.append(ALICE, id(2), "", text("y"));
    }

    assertThat(names("new")).hasSize(1);
  }

  @Test
  void oneOfItsPartsRemovedBehindOurBackIsMadeAgain() throws Exception {
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, id(1), "", text("x"));
      for (String part : List.of("new", "tmp", "cur")) {
        try (Stream<Path> all = Files.walk(maildir().resolve(part))) {
          for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
            Files.delete(path);
          }
        }
      }

      try {
        store.append(ALICE, id(2), "", text("y"));
      } catch (MailboxException e) {
        // The copy was there, and the place for it was not: the next try finds one.
        store.append(ALICE, id(2), "", text("y"));
      }
    }

    assertThat(names("new")).hasSize(1);
  }

  @Test
  void aLinkWithinTheRootIsFollowedAndOneThatLeadsOutIsNot(@TempDir Path outside) throws Exception {
    Files.createDirectories(root.resolve("disk2/example.org"));
    Files.createSymbolicLink(root.resolve("example.org"), root.resolve("disk2/example.org"));
    Files.createSymbolicLink(root.resolve("example.net"), outside);
    try (MaildirStore store = store(new HostDisk())) {
      store.append(ALICE, NEW, "", text("x"));

      assertThatExceptionOfType(MailboxException.class)
          .isThrownBy(() -> store.append(new Mailbox("alice", "example.net"), NEW, "", text("x")))
          .withMessageContaining("leads out of");
    }

    assertThat(names("new")).hasSize(1);
    try (Stream<Path> files = Files.walk(outside)) {
      assertThat(files).as("nothing, not even folders").containsExactly(outside);
    }
  }

  @Test
  void newItselfMayNotBeALink(@TempDir Path outside) throws Exception {
    Files.createDirectories(maildir().resolve("tmp"));
    Files.createSymbolicLink(maildir().resolve("new"), outside);

    try (MaildirStore store = store(new HostDisk())) {
      assertThatExceptionOfType(MailboxException.class)
          .isThrownBy(() -> store.append(ALICE, NEW, "", text("x")))
          .withMessageContaining("is no folder");
    }

    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void closingFinishesWhatWaitsAndRefusesTheRest() throws Exception {
    FaultyDisk disk = new FaultyDisk(true);
    CountDownLatch gate = new CountDownLatch(1);
    MaildirStore store = store(disk);
    store.append(ALICE, id(1000), "", text("first"));
    disk.hold(gate);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> running = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        int n = i;
        running.add(threads.submit(() -> deliver(store, n)));
      }
      while (disk.count(FaultyDisk.Call.WRITE) < 11) {
        Thread.onSpinWait();
      }
      Future<?> closing = threads.submit(store::close);
      gate.countDown();
      closing.get();
      int delivered = 0;
      for (Future<Boolean> each : running) {
        delivered += each.get() ? 1 : 0;
      }
      assertThat(names("new")).hasSize(1 + delivered);
    }

    assertThatExceptionOfType(MailboxException.class)
        .isThrownBy(() -> store.append(ALICE, id(99), "", text("late")))
        .withMessageContaining("closed");
    assertThat(names("tmp")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, 6.18.44-fc-v669, true",
    "Linux, 5.8.0, true",
    "Linux, 5.10, true",
    "Linux, 5.7.19, false",
    "Linux, 4.19.0-27-amd64, false",
    "Linux, odd, false",
    "Mac OS X, 15.1, false"
  })
  void aSharedSyncIsTrustedFromLinux58On(String system, String version, boolean trusted) {
    assertThat(FileSystemSync.trusted(system, version)).isEqualTo(trusted);
  }

  @Test
  void theHostNameCannotSpoilAName() {
    CopyName names = new CopyName("a/b:c,d");

    String name = names.of(NEW, 5);

    assertThat(name).endsWith(".a\\057b\\072c\\054d,S=5");
    assertThat(names.idOf(name)).contains(NEW);
    assertThat(names.idOf(name + ":2,RS")).contains(NEW);
    assertThat(names.idOf(name.replace("a", "x"))).isEmpty();
    assertThat(names.idOf("1795435201." + NEW + ".a\\057b\\072c\\054d,S=5")).isEmpty();
    assertThat(names.idOf("..")).isEmpty();
    assertThat(names.idOf("1795435200.M1P2.host")).isEmpty();
  }
}
