package org.depesche.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.depesche.app.MailServer;
import org.depesche.mail.Mailbox;
import org.depesche.message.Content;
import org.depesche.smtp.client.Transcript;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;

/// `train`: puts a server of its own under load for some seconds, in a temporary folder. The
/// launcher runs it in a JVM that records what is loaded and what is hot (JEP 514, JEP 515), so
/// that later ones need not find out again. It is no command for people, and not one of the
/// library's, of whose classes nothing is to be recorded.
final class Training {

  /// What is done with a server; false when it did not go well.
  private interface Work {

    boolean on(MailServer server) throws IOException, InterruptedException;
  }

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /// A queue that goes out while mail comes in has to come to its end.
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /// How long what is run beside the server may take.
  private static final Duration REHEARSAL = Duration.ofSeconds(90);

  private final int messages;
  private final List<String> beside;

  /// @param messages how many, of each kind
  /// @param beside a program with its arguments that is run while the server is there; it is given
  ///   the server's configuration as one more. Empty for none
  Training(int messages, List<String> beside) {
    this.messages = messages;
    this.beside = List.copyOf(beside);
  }

  /// Goes through the work.
  ///
  /// @return the exit code
  int run() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("depesche-train-");
    SinkTally taken = new SinkTally();
    SmtpService service =
        new SmtpService(
            SessionSettings.defaults("sink.localhost"),
            new SinkReceiver(taken, Optional.empty(), 0, _ -> {}),
            InstantSource.system());
    try (SmtpServer sink =
        new SmtpServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), service)) {
      sink.start();
      boolean good = train(folder, sink.localAddress().getPort());
      sink.stop(PATIENCE);
      return good ? 0 : 1;
    } finally {
      delete(folder);
    }
  }

  private boolean train(Path folder, int sink) throws IOException, InterruptedException {
    Path file = folder.resolve("depesche.toml");
    Files.writeString(
        file,
        """
        hostname = "mx.train.test"
        data-dir = "%s"
        [[listener]]
        address = "127.0.0.1:0"
        [[domain]]
        name = "here.test"
        [[account]]
        address = "somebody@here.test"
        [relay]
        networks = ["127.0.0.1"]
        [[route]]
        domain = "*"
        to = "smtp://127.0.0.1:%d"
        [admin]
        address = "127.0.0.1:0"
        """
            .formatted(folder.resolve("data"), sink));
    String[] plain = {"serve", "--config", file.toString()};
    ConfigChoice choice = Serving.plainly(plain).orElseThrow();
    // A second start finds what the first has left, as most do.
    return serve(choice, server -> work(server, file)) && serve(choice, _ -> true);
  }

  /// A server as people run it, until the work is done.
  private static boolean serve(ConfigChoice choice, Work work) throws InterruptedException {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Consumer<MailServer> started =
        server ->
            Thread.ofPlatform()
                .name("train")
                .start(
                    () -> {
                      try {
                        done.complete(work.on(server));
                      } catch (IOException | InterruptedException | RuntimeException e) {
                        done.completeExceptionally(e);
                      } finally {
                        server.stop();
                      }
                    });
    int code = new Serving(choice, new PrintWriter(System.err, true, UTF_8), started).run();
    return code == 0 && done.join();
  }

  private boolean work(MailServer server, Path file) throws IOException, InterruptedException {
    InetSocketAddress address = server.addresses().getFirst();
    return send(address, new Mailbox("anybody", "there.test"))
        && send(address, new Mailbox("somebody", "here.test"))
        && queueIsEmpty(server)
        && (beside.isEmpty() || rehearsed(file));
  }

  private boolean rehearsed(Path file) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(beside);
    command.add(file.toString());
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(REHEARSAL)) {
      process.destroyForcibly();
      return false;
    }
    return process.exitValue() == 0;
  }

  private boolean send(InetSocketAddress server, Mailbox to) throws InterruptedException {
    String text =
        "From: <somebody@client.test>\r\nSubject: A message\r\n\r\n"
            + "The quick brown fox jumps over the lazy dog, again and again.\r\n".repeat(160);
    SendTally tally = new SendTally();
    SendRun.Plan plan =
        new SendRun.Plan(
            new Mailbox("somebody", "client.test"),
            List.of(List.of(to)),
            messages,
            number -> "Message-ID: <" + number + "@client.test>\r\n",
            Content.of(text.getBytes(UTF_8)),
            false);
    new SendRun(plan, new SendRun.Route(server, "client.test", 20), tally, _ -> Transcript.NONE)
        .run();
    return tally.summary(1).refused() == 0;
  }

  /// Waits for what is on its way.
  private static boolean queueIsEmpty(MailServer server) throws InterruptedException {
    for (long waited = 0; waited < LONGEST.toMillis(); waited += 50) {
      if (server.waiting() == 0) {
        return true;
      }
      Thread.sleep(50);
    }
    return false;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
