package org.depesche.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.depesche.mail.EnvelopeId;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolContract;
import org.depesche.spool.log.LogSpool;
import org.depesche.spool.log.LogSpoolSettings;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `spool verify` as an operator sees it.
class SpoolCommandTest {

  @TempDir Path data;
  private Path folder = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private LogSpool open() {
    return LogSpool.open(
        new LogSpoolSettings(folder, 1 << 20, 0, Duration.ofSeconds(30)),
        () -> Instant.parse("2026-03-01T12:00:01Z"),
        Ticker.system());
  }

  @BeforeEach
  void fill() {
    folder = data.resolve("spool");
    try (LogSpool spool = open()) {
      EnvelopeId id = SpoolContract.commit(spool, SpoolContract.envelope("a", "b"), new byte[100]);
      EnvelopeId gone = SpoolContract.commit(spool, SpoolContract.envelope("c"), new byte[100]);
      RecipientState.Waiting waiting =
          new RecipientState.Waiting(1, SpoolContract.RECEIVED, false, "no");
      settle(spool, id, waiting, new RecipientState.Held(waiting));
      settle(spool, gone, new RecipientState.Delivered());
    }
  }

  private static void settle(LogSpool spool, EnvelopeId id, RecipientState... states) {
    spool.settle(new Settlement(id, List.of(states), List.of())).join();
  }

  private int verify(String... more) {
    CommandLine line = DepescheCommand.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> arguments =
        Stream.concat(Stream.of("spool", "verify", "--data", data.toString()), Stream.of(more))
            .toList();
    return line.execute(arguments.toArray(String[]::new));
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }

  private void damage(int at) throws IOException {
    byte[] bytes = Files.readAllBytes(segment());
    bytes[at] ^= 1;
    Files.write(segment(), bytes);
  }

  @Test
  void aHealthySpoolIsListed() {
    assertThat(verify()).isZero();

    assertThat(out.toString())
        .isEqualTo(
            """
            spool      FOLDER
            segments   1, 728 bytes, 5 good records
            messages   1 stored in 280 bytes, 1 removed
            recipients 1 waiting, 1 held
            0baavrjyg0000  2026-03-01 12:00:00.123Z   127 bytes  <sender@client.test>  a@example.org, b@example.org
            No damage.
            """
                .replace("FOLDER", folder.toString()));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void damageIsToldAndFails() throws Exception {
    damage(100);

    assertThat(verify()).isEqualTo(1);

    assertThat(out.toString())
        .contains("DAMAGE     0000000000000001.log: 280 bytes at 64 are damaged, it looks like a")
        .contains("messages   0 stored")
        .endsWith(
            "There is damage; a start keeps a copy of it in "
                + folder.resolve("damaged")
                + " and serves the rest.\n");
  }

  @Test
  void scriptsGetTheSameAsJson() throws Exception {
    assertThat(verify("--json")).isZero();
    assertThat(out.toString()).contains("\"messages\":1,", "\"held\":1", "\"damages\":[]");
    damage(100);

    out.getBuffer().setLength(0);
    assertThat(verify("--json")).isEqualTo(1);
    assertThat(out.toString()).contains("\"messages\":0,", "280 bytes at 64 are damaged");
  }

  @Test
  void verifyingChangesNothing() throws Exception {
    damage(100);
    byte[] before = Files.readAllBytes(segment());
    List<String> names = names(folder);

    verify();

    assertThat(segment()).hasBinaryContent(before);
    assertThat(names(folder)).isEqualTo(names);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFolderThatIsNoSpoolIsRefusedAndLeftAlone() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.writeString(folder.resolve("format"), "something else\n", UTF_8);

    assertThat(verify()).isEqualTo(1);

    assertThat(err.toString()).isEqualTo("cannot verify " + folder + ": there is no spool in it\n");
    assertThat(out.toString()).isEmpty();
    assertThat(names(folder)).containsExactly("format");
  }

  @Test
  void aFolderThatIsNotThereIsNotMade() {
    data = data.resolve("elsewhere");

    assertThat(verify()).isEqualTo(1);

    assertThat(err.toString())
        .isEqualTo("cannot verify " + data.resolve("spool") + ": there is no such folder\n");
    assertThat(data).doesNotExist();
  }

  @Test
  void aSpoolThatIsInUseIsRefused() {
    try (LogSpool _ = open()) {
      assertThat(verify()).isEqualTo(1);
    }

    assertThat(err.toString()).contains("locked");
  }

  @Test
  void aSpoolOfALaterVersionIsRefused() throws Exception {
    Files.writeString(folder.resolve("format"), "depesche-spool 2\n");

    assertThat(verify()).isEqualTo(1);
    assertThat(err.toString()).contains("depesche-spool 2");
    assertThat(out.toString()).isEmpty();
  }
}
