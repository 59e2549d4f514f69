package org.depesche.smtp.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.message.Content;
import org.depesche.smtp.server.Client;
import org.depesche.smtp.server.Incoming;
import org.depesche.smtp.server.Receipt;
import org.depesche.smtp.server.Receiver;
import org.depesche.smtp.server.SessionSettings;
import org.depesche.smtp.server.SmtpServer;
import org.depesche.smtp.server.SmtpService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The example of smtp/README.md that sends: it says here what it says there, and it works.
class SendingExampleTest {

  private record Keeping(ByteArrayOutputStream kept) implements Receiver {

    @Override
    public Verdict recipient(Client client, Envelope envelope, Recipient recipient) {
      return Verdict.accept();
    }

    @Override
    public Incoming begin(Client client, Envelope envelope) {
      return new Incoming() {
        @Override
        public void write(byte[] bytes, int offset, int length) {
          kept.write(bytes, offset, length);
        }

        @Override
        public Receipt finish() {
          return new Receipt.Accepted(Reply.of(250, "2.0.0", "Kept"));
        }

        @Override
        public void abort() {}
      };
    }
  }

  @Test
  @Timeout(20)
  void aMessageInAFewLines() throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    SmtpService service =
        new SmtpService(
            SessionSettings.defaults("mx.example.org"), new Keeping(kept), InstantSource.system());
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (SmtpServer listening = new SmtpServer(anyPort, service)) {
      listening.start();
      InetSocketAddress server = listening.localAddress();
      // example: sending
      try (SmtpClient client = SmtpClient.connect(server, "app.example.com")) {
        Recipient ann = new Recipient(new Mailbox("ann", "example.org"));
        Envelope envelope = new Envelope(new Mailbox("app", "example.com"), List.of(ann));
        String text = "From: <app@example.com>\r\nSubject: Done\r\n\r\nThe report is ready.\r\n";
        SendResult result = client.send(envelope, "", Content.of(text.getBytes(UTF_8)));
        System.out.println(result);
      }
      // example: end
      assertThat(kept.toString(UTF_8)).endsWith("Subject: Done\r\n\r\nThe report is ready.\r\n");
    }
  }

  @Test
  @Timeout(20)
  void aServerThatDoesNotWantUsSaysWhy() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var taken = socket.accept()) {
                      taken.getOutputStream().write("554 not today\r\n".getBytes(UTF_8));
                      // The client says QUIT.
                      assertThat(taken.getInputStream().readNBytes(6)).hasSize(6);
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
      assertThatThrownBy(() -> SmtpClient.connect(address, "app.example.com"))
          .isInstanceOf(IOException.class)
          .hasMessage("refused: 554 not today");
      server.join();
    }
  }

  @Test
  void theReadmeSaysTheSame() throws IOException {
    List<String> source =
        Files.readAllLines(
            Path.of("src/test/java/org/depesche/smtp/client/SendingExampleTest.java"));
    List<String> example =
        source.stream()
            .dropWhile(line -> !line.strip().equals("// example: sending"))
            .skip(1)
            .takeWhile(line -> !line.strip().equals("// example: end"))
            .toList();

    assertThat(example).hasSizeGreaterThan(5);
    assertThat(Files.readString(Path.of("README.md")))
        .contains(String.join("\n", example).stripIndent());
  }
}
