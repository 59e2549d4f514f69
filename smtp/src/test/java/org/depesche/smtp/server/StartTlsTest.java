package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.message.Content;
import org.depesche.net.Connection;
import org.depesche.net.Connector;
import org.depesche.net.TlsConnection;
import org.depesche.net.TlsDetails;
import org.depesche.net.TlsEngines;
import org.depesche.smtp.client.Capability;
import org.depesche.smtp.client.Opening;
import org.depesche.smtp.client.SendResult;
import org.depesche.smtp.client.SmtpClient;
import org.depesche.smtp.client.StartTls;
import org.depesche.smtp.client.Timeouts;
import org.depesche.smtp.client.Transcript;
import org.depesche.testing.RecordingReceiver;
import org.depesche.testing.TestLogin;
import org.depesche.testing.TestTls;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// TLS in sessions, over real sockets (RFC 3207, RFC 8314 §3.3).
@Timeout(30)
class StartTlsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final RecordingReceiver receiver = new RecordingReceiver();
  private final Connector connector = new Connector(Ticker.system());
  private TlsEngines engines;
  private SmtpServer server;

  StartTlsTest() throws IOException {
    engines = TestTls.engines(false);
    server = server(false);
  }

  private SmtpServer server(boolean implicit) {
    SessionSettings settings =
        SessionSettings.defaults("mx.test")
            .withSecurity(
                new Security(
                    Optional.of(engines),
                    implicit,
                    Duration.ofSeconds(2),
                    Optional.of(TestLogin.login(false)),
                    false));
    return new SmtpServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        new SmtpService(settings, receiver, InstantSource.system()));
  }

  @BeforeEach
  void start() throws IOException {
    server.start();
    connector.start();
  }

  @AfterEach
  void stop() {
    server.close();
    connector.close();
  }

  private SmtpClient client() throws IOException {
    return client(connector.connect(server.localAddress(), PATIENCE));
  }

  private static SmtpClient client(Connection connection) {
    SmtpClient client =
        new SmtpClient(
            connection, "client.test", Timeouts.RFC_5321, Ticker.system(), Transcript.NONE);
    assertThat(client.open()).isInstanceOf(Opening.Ready.class);
    return client;
  }

  private static SendResult send(SmtpClient client, int octets) {
    byte[] message = new byte[octets];
    new Random(1).nextBytes(message);
    for (int i = 0; i < octets; i++) {
      message[i] = (byte) (i % 60 == 58 ? '\r' : i % 60 == 59 ? '\n' : 'a' + (message[i] & 15));
    }
    return client.send(
        new Envelope(
            new Mailbox("a", "client.test"), List.of(new Recipient(new Mailbox("b", "mx.test")))),
        "",
        Content.of(message));
  }

  private Client lastClient() {
    return receiver.messages().getLast().client();
  }

  @Test
  void aMessageGoesEncrypted() throws IOException {
    SmtpClient client = client();
    assertThat(client.capabilities().offers(Capability.STARTTLS)).isTrue();
    assertThat(client.capabilities().byKeyword().get("AUTH")).isEqualTo("SCRAM-SHA-256");

    StartTls secured = client.startTls(engines, "mx.test", PATIENCE);

    assertThat(secured)
        .isInstanceOfSatisfying(
            StartTls.Secured.class, s -> assertThat(s.details().protocol()).isEqualTo("TLSv1.3"));
    assertThat(client.capabilities().offers(Capability.STARTTLS)).as("not twice").isFalse();
    assertThat(client.capabilities().byKeyword().get("AUTH"))
        .isEqualTo("SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
    assertThat(send(client, 3_000_000)).isInstanceOf(SendResult.Answered.class);
    client.quit();
    assertThat(receiver.messages().getLast().text()).hasSize(3_000_000);
    assertThat(lastClient().protocol()).isEqualTo("ESMTPS");
    assertThat(lastClient().tls().map(TlsDetails::serverName)).contains("mx.test");
  }

  @Test
  void tlsMayBeginWithTheConnection() throws IOException {
    server.close();
    server = server(true);
    server.start();
    TlsConnection connection =
        TlsConnection.connect(
            connector.connect(server.localAddress(), PATIENCE),
            engines,
            "mx.test",
            PATIENCE,
            Ticker.system());
    SmtpClient client = client(connection);

    assertThat(client.capabilities().offers(Capability.STARTTLS)).isFalse();
    assertThat(send(client, 600)).isInstanceOf(SendResult.Answered.class);
    assertThat(lastClient().protocol()).isEqualTo("ESMTPS");
  }

  /// What both ends of SCRAM-PLUS have to agree on.
  @Test
  void bothEndsExportTheSameKeys() throws IOException {
    SmtpClient client = client();
    StartTls.Secured secured = (StartTls.Secured) client.startTls(engines, "mx.test", PATIENCE);
    var _ = send(client, 600);

    byte[] ours = secured.details().exporter().export("EXPORTER-Channel-Binding", 32);
    assertThat(ours).hasSize(32);
    assertThat(lastClient().tls().orElseThrow().exporter().export("EXPORTER-Channel-Binding", 32))
        .isEqualTo(ours);
  }

  /// RFC 3207 §4.2 and CVE-2011-0411: what stands behind STARTTLS came from anybody.
  @Test
  void commandsBehindStartTlsAreForgotten() throws IOException {
    Connection plain = connector.connect(server.localAddress(), PATIENCE);
    say(plain, "EHLO evil.test\r\n");
    hear(plain, "250 HELP\r\n");
    say(plain, "STARTTLS\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<b@mx.test>\r\n");
    hear(plain, "220 2.0.0 Ready to start TLS\r\n");
    TlsConnection secured =
        TlsConnection.connect(plain, engines, "mx.test", PATIENCE, Ticker.system());

    say(secured, "NOOP\r\nMAIL FROM:<a@client.test>\r\n");

    assertThat(hear(secured, "first\r\n"))
        .as("neither EHLO nor MAIL of before is known")
        .isEqualTo("250 2.0.0 OK\r\n503 5.5.1 Send EHLO first\r\n");
  }

  @Test
  void answersBehindTheServersGoAheadAreNotBelieved() throws IOException {
    org.depesche.testing.ScriptedServer scripted =
        org.depesche.testing.ScriptedServer.of(
            """
            S: 220 mx ESMTP
            C: EHLO client.test
            S: 250-mx
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 go ahead
            S: 250 mx.evil
            """);

    StartTls result = client(scripted).startTls(engines, "mx.test", PATIENCE);

    assertThat(result)
        .isInstanceOfSatisfying(
            StartTls.Failed.class,
            failed ->
                assertThat(failed.reason()).isEqualTo("the server says more than it was asked"));
  }

  @Test
  void aWrongNameIsNoticedByWhoLooks() throws IOException {
    StartTls result = client().startTls(TestTls.engines(true), "other.test", PATIENCE);

    assertThat(result)
        .isInstanceOfSatisfying(
            StartTls.Failed.class, failed -> assertThat(failed.reason()).contains("other.test"));
  }

  /// RFC 8446 §6.1: a client answers our close_notify with its own. A socket that is closed already
  /// would answer that with RST, which takes our last words from who has not read them yet.
  @Test
  void aClientMayStillTakeItsLeaveAfterQuit() throws IOException {
    Connection plain = connector.connect(server.localAddress(), PATIENCE);
    say(plain, "EHLO c.test\r\nSTARTTLS\r\n");
    hear(plain, "Ready to start TLS\r\n");
    TlsConnection secured =
        TlsConnection.connect(plain, engines, "mx.test", PATIENCE, Ticker.system());
    say(secured, "QUIT\r\n");
    assertThat(hear(secured, "nothing more\r\n")).endsWith("221 2.0.0 Bye\r\n");

    assertThatCode(
            () -> {
              for (int i = 0; i < 50; i++) {
                say(plain, "close_notify and more");
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void nonsenseInsteadOfAHandshakeEndsTheSessionOnly() throws IOException {
    Connection plain = connector.connect(server.localAddress(), PATIENCE);
    say(plain, "EHLO c.test\r\nSTARTTLS\r\n");
    hear(plain, "Ready to start TLS\r\n");
    say(plain, "MAIL FROM:<a@b.test>\r\n\u0000\u0000".repeat(200));

    String rest = hear(plain, "nothing more\r\n");

    assertThat(rest).doesNotContain("250 2.1.0");
    assertThat(send(client(), 600)).isInstanceOf(SendResult.Answered.class);
  }

  @Test
  void aHandshakeThatStallsIsEnded() throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), server.localAddress().getPort())) {
      socket.getOutputStream().write("EHLO c.test\r\nSTARTTLS\r\n".getBytes(US_ASCII));
      socket.setSoTimeout(20_000);
      byte[] all = socket.getInputStream().readAllBytes();

      assertThat(new String(all, US_ASCII)).endsWith("220 2.0.0 Ready to start TLS\r\n");
    }
  }

  private static void say(Connection connection, String text) throws IOException {
    connection.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  /// Reads until the text has come, or a while passes without more.
  private static String hear(Connection connection, String end) throws IOException {
    connection.limit(Duration.ofSeconds(1));
    StringBuilder heard = new StringBuilder();
    ByteBuffer piece = ByteBuffer.allocate(4096);
    while (heard.indexOf(end) < 0 && connection.read(piece.clear()) > 0) {
      heard.append(new String(piece.array(), 0, piece.position(), US_ASCII));
    }
    return heard.toString();
  }
}
