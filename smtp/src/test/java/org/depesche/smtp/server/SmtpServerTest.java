package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.depesche.mail.Envelope;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Verdict;
import org.depesche.testing.RecordingReceiver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The server over real sockets.
@Timeout(30)
class SmtpServerTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RecordingReceiver receiver = new RecordingReceiver();
  private SmtpServer server = server(SessionSettings.defaults("mx.test"), receiver);

  /// A client that reads line by line.
  private static final class Client implements AutoCloseable {

    private final Socket socket;
    private final BufferedReader in;

    private Client(SmtpServer server) throws IOException {
      InetSocketAddress address = server.localAddress();
      socket = new Socket(address.getAddress(), address.getPort());
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    }

    void send(String lines) throws IOException {
      socket.getOutputStream().write(lines.getBytes(US_ASCII));
    }

    /// The last line of the next reply, or `closed`.
    String reply() throws IOException {
      String line = in.readLine();
      while (line != null && line.charAt(3) == '-') {
        line = in.readLine();
      }
      return line == null ? "closed" : line;
    }

    String say(String line) throws IOException {
      send(line + "\r\n");
      return reply();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static SmtpServer server(SessionSettings settings, Receiver receiver) {
    return new SmtpServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new SmtpService(settings, receiver, InstantSource.system()));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void takesAMessage() throws IOException {
    server.start();
    try (Client client = new Client(server)) {
      assertThat(client.reply()).isEqualTo("220 mx.test ESMTP");
      assertThat(server.sessions()).isEqualTo(1);
      deliver(client, "hello\r\n".repeat(100_000));
      assertThat(client.say("QUIT")).startsWith("221");
      assertThat(client.reply()).isEqualTo("closed");
    }

    assertThat(receiver.messages().getFirst().text()).hasSize(700_000);
    assertThat(receiver.messages().getFirst().client().remote().getAddress())
        .isEqualTo(InetAddress.getLoopbackAddress());
  }

  private SessionSettings greetingAfter(Duration delay) {
    return SessionSettings.defaults("mx.test").withDoorway(Doorway.OPEN.greetingAfter(delay));
  }

  // RFC 5321 §4.3.1
  @Test
  void aClientThatSpeaksBeforeTheGreetingIsNotGreeted() throws IOException {
    server = server(greetingAfter(LONG), receiver);
    server.start();
    try (Client client = new Client(server)) {
      assertThat(client.say("EHLO c.test")).startsWith("554 5.5.1");
      assertThat(client.reply()).isEqualTo("closed");
    }
    server.stop(LONG);
    assertThat(receiver.refused())
        .singleElement()
        .asString()
        .startsWith("CONNECT | 554 5.5.1")
        .endsWith("| early talker");
    assertThat(receiver.endings()).containsExactly("refused 0");
  }

  @Test
  void aClientThatWaitsForTheGreetingIsServed() throws IOException {
    server = server(greetingAfter(Duration.ofMillis(1)), receiver);
    server.start();
    try (Client client = new Client(server)) {
      assertThat(client.reply()).startsWith("220");
      deliver(client, "hello\r\n");
    }
    assertThat(receiver.messages()).hasSize(1);
  }

  @Test
  void someAreGreetedAtOnce() throws IOException {
    server =
        server(
            SessionSettings.defaults("mx.test")
                .withDoorway(
                    Doorway.OPEN.greetingAfter(LONG).sparing(InetAddress::isLoopbackAddress)),
            receiver);
    server.start();
    try (Client client = new Client(server)) {
      client.send("EHLO c.test\r\n");
      assertThat(client.reply()).startsWith("220");
    }
  }

  @Test
  void whoWaitsForTheGreetingIsToldAtOnceWhenItStops() throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    server =
        server(
            greetingAfter(LONG),
            new Receiver() {
              @Override
              public Verdict connected(org.depesche.smtp.server.Client client) {
                connected.countDown();
                return Verdict.accept();
              }

              @Override
              public Verdict recipient(
                  org.depesche.smtp.server.Client client, Envelope envelope, Recipient recipient) {
                throw new AssertionError();
              }

              @Override
              public Incoming begin(org.depesche.smtp.server.Client client, Envelope envelope) {
                throw new AssertionError();
              }
            });
    server.start();
    try (Client client = new Client(server)) {
      connected.await();
      server.stop(LONG);
      assertThat(client.reply()).startsWith("421 4.3.2");
    }
  }

  @Test
  void theClientOfABalancerWaitsToo() throws IOException {
    server =
        server(
            SessionSettings.defaults("mx.test")
                .withDoorway(
                    Doorway.OPEN
                        .behind(InetAddress::isLoopbackAddress)
                        .sparing(InetAddress::isLoopbackAddress)
                        .greetingAfter(LONG)),
            receiver);
    server.start();
    try (Client client = new Client(server)) {
      client.send("PROXY TCP4 203.0.113.7 198.51.100.2 56324 25\r\nEHLO c.test\r\n");
      assertThat(client.reply()).startsWith("554");
    }
  }

  @Test
  void idleSessionsAreToldAtOnceWhenItStops() throws IOException {
    server.start();
    try (Client greeted = new Client(server);
        Client identified = new Client(server)) {
      assertThat(greeted.reply()).startsWith("220");
      assertThat(identified.reply()).startsWith("220");
      assertThat(identified.say("EHLO c.test")).startsWith("250");

      server.stop(LONG);

      assertThat(greeted.reply()).startsWith("421 4.3.2");
      assertThat(greeted.reply()).isEqualTo("closed");
      assertThat(identified.reply()).startsWith("421 4.3.2");
      assertThat(receiver.endings()).containsExactlyInAnyOrder("shutdown 0", "shutdown 0");
    }
  }

  @Test
  void aTransactionMayEndBeforeItStops() throws Exception {
    server.start();
    try (Client client = new Client(server)) {
      begin(client);
      assertThat(client.say("DATA")).startsWith("354");
      Thread stopping = Thread.ofPlatform().start(() -> server.stop(LONG));

      assertThat(client.say("x\r\n.")).startsWith("250");
      assertThat(client.reply()).startsWith("421 4.3.2");
      assertThat(client.reply()).isEqualTo("closed");
      stopping.join();
    }
    assertThat(receiver.messages()).hasSize(1);
    assertThat(server.sessions()).isZero();
  }

  @Test
  void aTransactionThatDoesNotEndIsCutAndGivenUp() throws Exception {
    server.start();
    try (Client client = new Client(server)) {
      begin(client);
      assertThat(client.say("DATA")).startsWith("354");
      Thread patient = Thread.ofPlatform().start(() -> server.stop(LONG));

      server.stop(Duration.ZERO);

      patient.join();
      assertThat(client.reply()).isEqualTo("closed");
    }
    assertThat(receiver.aborted()).hasSize(1);
    assertThat(receiver.endings()).containsExactly("shutdown 0");
  }

  @Test
  void oneSessionTooManyIsTurnedAway() throws IOException {
    server = server(SessionSettings.defaults("mx.test").withLimits(1000, 100, 10, 10, 1), receiver);
    server.start();
    try (Client first = new Client(server)) {
      assertThat(first.reply()).startsWith("220");
      try (Client second = new Client(server)) {
        assertThat(second.reply()).startsWith("421 4.3.2");
        assertThat(second.reply()).isEqualTo("closed");
      }
      assertThat(first.say("NOOP")).startsWith("250");
    }
  }

  @Test
  void aSilentClientIsToldAndLeft() throws IOException {
    server =
        server(
            SessionSettings.defaults("mx.test").withTimeouts(Duration.ofMillis(50), LONG),
            receiver);
    server.start();
    try (Client client = new Client(server)) {
      assertThat(client.reply()).startsWith("220");
      assertThat(client.reply()).startsWith("421 4.4.2");
      assertThat(client.reply()).isEqualTo("closed");
    }
  }

  @Test
  void aReceiverThatTakesItsTimeCostsNobodyTheReply() throws IOException {
    CountDownLatch timeHasPassed = new CountDownLatch(1);
    Receiver slow =
        new Receiver() {
          @Override
          public Verdict recipient(
              org.depesche.smtp.server.Client client, Envelope envelope, Recipient recipient) {
            try {
              // Longer than the time limit, and than the reaper's interval.
              assertThat(timeHasPassed.await(700, java.util.concurrent.TimeUnit.MILLISECONDS))
                  .isFalse();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return Verdict.refuse(Reply.of(450, "4.2.0", "Slow"), "slow");
          }

          @Override
          public Incoming begin(org.depesche.smtp.server.Client client, Envelope envelope) {
            throw new AssertionError();
          }
        };
    server =
        server(
            SessionSettings.defaults("mx.test").withTimeouts(Duration.ofMillis(600), LONG), slow);
    server.start();
    try (Client client = new Client(server)) {
      assertThat(client.reply()).startsWith("220");
      client.send("EHLO c.test\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n");
      assertThat(client.reply()).startsWith("250");
      assertThat(client.reply()).startsWith("250");
      assertThat(client.reply()).startsWith("450 4.2.0 Slow");
    }
  }

  @Test
  void manySessionsAtOnceDoNotMix() throws Exception {
    server.start();
    Thread[] clients = new Thread[50];
    for (int i = 0; i < clients.length; i++) {
      String body = "message " + i + "\r\n";
      clients[i] =
          Thread.startVirtualThread(
              () -> {
                try (Client client = new Client(server)) {
                  client.reply();
                  deliver(client, body.repeat(1000));
                  deliver(client, body);
                  client.say("QUIT");
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
    }
    for (Thread client : clients) {
      client.join();
    }

    assertThat(receiver.messages()).hasSize(100);
    assertThat(receiver.messages())
        .allSatisfy(m -> assertThat(m.text().lines().distinct()).hasSize(1));
    assertThat(receiver.misuse()).isEmpty();
  }

  private static void begin(Client client) throws IOException {
    assertThat(client.reply()).startsWith("220");
    assertThat(client.say("EHLO c.test")).startsWith("250");
    assertThat(client.say("MAIL FROM:<a@c.test>")).startsWith("250");
    assertThat(client.say("RCPT TO:<bob@mx.test>")).startsWith("250");
  }

  private static void deliver(Client client, String text) throws IOException {
    assertThat(client.say("EHLO c.test")).startsWith("250");
    assertThat(client.say("MAIL FROM:<a@c.test>")).startsWith("250");
    assertThat(client.say("RCPT TO:<bob@mx.test>")).startsWith("250");
    assertThat(client.say("DATA")).startsWith("354");
    client.send(text);
    assertThat(client.say(".")).startsWith("250");
  }
}
