package org.depesche.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailLogTest {

  private static final Instant AT = Instant.parse("2026-11-23T09:05:07Z");

  @TempDir Path folder;

  private long nanos;

  @Test
  void eventsAreAppendedToTheFile() throws IOException {
    Path file = folder.resolve("sub/mail.log");
    MailLog first = MailLog.toFile(file, () -> nanos);
    first.consume(noted("a", "b"));
    first.close();
    MailLog second = MailLog.toFile(file, () -> nanos);
    second.consume(noted("c"));
    second.close();

    assertThat(file).content().isEqualTo(line("a") + line("b") + line("c"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void aFileMovedAwayIsFollowedForASecondAndThenBegunAnew() throws IOException {
    Path file = folder.resolve("mail.log");
    Path old = folder.resolve("mail.log.1");
    MailLog log = MailLog.toFile(file, () -> nanos);
    log.consume(noted("a"));
    Files.move(file, old);

    log.consume(noted("b"));
    nanos += Duration.ofSeconds(1).toNanos();
    log.consume(noted("c"));
    log.close();

    assertThat(old).content().isEqualTo(line("a") + line("b"));
    assertThat(file).content().isEqualTo(line("c"));
  }

  @Test
  void aFileReplacedByAnotherIsLeft() throws IOException {
    Path file = folder.resolve("mail.log");
    MailLog log = MailLog.toFile(file, () -> nanos);
    log.consume(noted("a"));
    Files.move(file, folder.resolve("mail.log.1"));
    Files.writeString(file, "made by logrotate\n");
    nanos += Duration.ofSeconds(1).toNanos();

    log.consume(noted("b"));
    log.close();

    assertThat(file).content().isEqualTo("made by logrotate\n" + line("b"));
  }

  @Test
  void whatAFullDiskTookIsCountedAndSaidLater() {
    FillingDisk disk = new FillingDisk();
    MailLog log = new MailLog(disk);
    disk.room = line("a").length() + 10;

    log.consume(noted("a", "b", "c"));
    log.consume(noted("d"));
    disk.room = Integer.MAX_VALUE;
    log.consume(noted("e"));

    String torn = line("b").substring(0, 10);
    String notice =
        "2026-11-23T09:05:07.000Z event=noted what=mail-log-lost detail=\"3 lines could not be"
            + " written: java.io.IOException: no space left\"\n";
    assertThat(disk.text()).isEqualTo(line("a") + torn + "\n" + notice + line("e"));
    assertThat(log.lostLines()).isEqualTo(3);
  }

  @Test
  void aLogThatCannotBeOpenedDoesNotStopAnybody() throws IOException {
    Path blocked = Files.writeString(folder.resolve("blocked"), "a file, not a folder");
    MailLog log = MailLog.toFile(blocked.resolve("mail.log"), () -> nanos);

    log.consume(noted("a", "b"));
    Files.delete(blocked);
    log.consume(noted("c"));
    log.close();

    assertThat(log.lostLines()).isEqualTo(2);
    assertThat(blocked.resolve("mail.log")).content().contains("2 lines").endsWith(line("c"));
  }

  @Test
  void aLogOnAStreamDoesNotCloseIt() {
    var closed = new boolean[1];
    ByteArrayOutputStream stream =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    MailLog log = MailLog.toStream(stream);

    log.consume(noted("ä", "b"));
    log.close();

    assertThat(stream.toString(UTF_8)).contains("what=\"ä\"\n").endsWith(line("b"));
    assertThat(closed[0]).isFalse();
  }

  @Test
  void aLargeBatchIsWrittenInParts() {
    FillingDisk disk = new FillingDisk();
    MailLog log = new MailLog(disk);
    List<MailEvent> batch = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      batch.addAll(noted("x"));
    }

    log.consume(batch);

    assertThat(disk.text()).isEqualTo(line("x").repeat(20_000));
    assertThat(disk.largestWrite).isLessThan(300_000);
  }

  private static List<MailEvent> noted(String... what) {
    List<MailEvent> events = new ArrayList<>();
    for (String w : what) {
      events.add(new MailEvent.Noted(AT, w, ""));
    }
    return events;
  }

  private static String line(String what) {
    return "2026-11-23T09:05:07.000Z event=noted what=" + what + "\n";
  }

  /// A disk that takes what it has room for and then fails.
  private static final class FillingDisk implements LogOutput {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    int room = Integer.MAX_VALUE;
    int largestWrite;

    String text() {
      return written.toString(UTF_8);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      largestWrite = Math.max(largestWrite, bytes.remaining());
      while (bytes.hasRemaining()) {
        if (room == 0) {
          throw new IOException("no space left");
        }
        room--;
        written.write(bytes.get());
      }
    }

    @Override
    public void close() {}
  }
}
