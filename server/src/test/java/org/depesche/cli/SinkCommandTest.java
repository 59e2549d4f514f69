package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `sink` and `send` with each other.
@Timeout(60)
class SinkCommandTest {

  @TempDir Path folder;

  /// What the sink printed while one message was sent to it.
  private String sinkOf(String... args) throws Exception {
    StringWriter out = new StringWriter();
    CountDownLatch stop = new CountDownLatch(1);
    SinkCommand sink = new SinkCommand();
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        PipedReader errors = new PipedReader();
        PrintWriter err = new PrintWriter(new PipedWriter(errors), true)) {
      CommandLine line = new CommandLine(sink).setOut(new PrintWriter(out, true)).setErr(err);
      line.parseArgs(args);
      Future<Integer> running = threads.submit(() -> sink.run(stop, false));
      try {
        send(address(errors));
      } finally {
        stop.countDown();
      }
      assertThat(running.get()).isZero();
    }
    return out.toString();
  }

  private static String address(PipedReader errors) throws IOException {
    String line = Objects.requireNonNull(new BufferedReader(errors).readLine());
    assertThat(line).startsWith("Taking everything at 127.0.0.1:");
    return line.substring(line.lastIndexOf(' ') + 1);
  }

  private static void send(String server) {
    int code =
        new CommandLine(new SendCommand())
            .setOut(new PrintWriter(new StringWriter()))
            .execute(
                "--from",
                "a@here.test",
                "--to",
                "b@there.test",
                "--to",
                "c@there.test",
                "--server",
                server,
                "--body",
                "escape \u001b here",
                "--helo",
                "me.test");
    assertThat(code).isZero();
  }

  @Test
  void itCountsWhatItTakes() throws Exception {
    assertThat(sinkOf("--listen", "127.0.0.1:0"))
        .startsWith("Took 1 message for 2 recipients, ")
        .contains(" over 1 connection in ");
  }

  @Test
  void itShowsMessagesWithoutLettingThemRuleTheTerminal() throws Exception {
    assertThat(sinkOf("--listen", "127.0.0.1:0", "--show"))
        .startsWith("--- from <a@here.test> to b@there.test, c@there.test, ")
        .contains("From: <a@here.test>", "escape =1B here")
        .doesNotContain("\u001b");
  }

  @Test
  void itSavesMessagesByteForByte() throws Exception {
    sinkOf("--listen", "127.0.0.1:0", "--save", folder.toString());

    assertThat(Files.readString(folder.resolve("000001.eml")))
        .startsWith("Message-ID: <")
        .endsWith("escape =1B here\r\n");
  }

  @Test
  void itWritesALineOfJsonForEachMessage() throws Exception {
    assertThat(sinkOf("--listen", "127.0.0.1:0", "--json").lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("{") && line.endsWith("}"))
        .first()
        .asString()
        .contains("\"helo\"", "me.test", "\"b@there.test\"");
  }

  @Test
  void anAddressThatIsTakenIsTold() {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new SinkCommand())
            .setErr(new PrintWriter(err, true))
            .execute("--listen", "192.0.2.1:2526");

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("Cannot serve at 192.0.2.1:2526");
  }
}
