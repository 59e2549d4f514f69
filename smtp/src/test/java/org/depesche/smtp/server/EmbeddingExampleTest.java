package org.depesche.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The example of smtp/README.md: it says here what it says there, and it works.
class EmbeddingExampleTest {

  // example: receiver
  /// Prints every message for our domain.
  record PrintingReceiver(PrintStream out) implements Receiver {

    @Override
    public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
      return recipient.address().host().wire().equals("example.org")
          ? Verdict.accept()
          : Verdict.refuse(Reply.of(550, "5.7.1", "Not for us"), "no relay");
    }

    @Override
    public Incoming begin(Client client, Envelope envelope) {
      return new Incoming() {
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        @Override
        public void write(byte[] bytes, int offset, int length) {
          content.write(bytes, offset, length);
        }

        @Override
        public Receipt finish() {
          out.println(envelope.sender() + " wrote:\n" + content);
          return new Receipt.Accepted(Reply.of(250, "2.0.0", "Printed"));
        }

        @Override
        public void abort() {}
      };
    }
  }

  // example: end

  @Test
  @Timeout(20)
  void aServerInAFewLines() throws IOException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    // example: server
    SmtpService service =
        new SmtpService(
            SessionSettings.defaults("mx.example.org"),
            new PrintingReceiver(out),
            InstantSource.system());
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (SmtpServer server = new SmtpServer(address, service)) {
      server.start();
      // example: end
      String said = talk(server.localAddress());
      assertThat(said).contains("550 5.7.1 Not for us", "250 2.0.0 Printed");
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo("a@b.test wrote:\nHello\r\n\n");
  }

  @Test
  void theReadmeSaysTheSame() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    List<String> source =
        Files.readAllLines(
            Path.of("src/test/java/org/depesche/smtp/server/EmbeddingExampleTest.java"));
    List<String> example =
        source.stream()
            .dropWhile(line -> !line.equals("  // example: receiver"))
            .skip(1)
            .takeWhile(line -> !line.equals("  // example: end"))
            .toList();

    assertThat(example).hasSizeGreaterThan(20);
    assertThat(readme).contains(String.join("\n", example).stripTrailing().stripIndent());
  }

  private static String talk(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      String dialogue =
          """
          EHLO client.test
          MAIL FROM:<a@b.test>
          RCPT TO:<x@example.com>
          RCPT TO:<x@example.org>
          DATA
          Hello
          .
          QUIT
          """;
      socket
          .getOutputStream()
          .write(dialogue.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
