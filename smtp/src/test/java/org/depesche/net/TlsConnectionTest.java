package org.depesche.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.depesche.testing.TestTls;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a peer can do to us with TLS once it has shaken hands.
@Timeout(30)
class TlsConnectionTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Connector connector = new Connector(Ticker.system());
  private final Reaper reaper = Reaper.started();
  private final AtomicLong clock = new AtomicLong();
  private final AtomicBoolean slow = new AtomicBoolean();
  private final CompletableFuture<String> heard = new CompletableFuture<>();
  private final TlsEngines engines;
  private final Listener listener;

  TlsConnectionTest() throws IOException {
    engines = TestTls.engines(false);
    listener =
        new Listener(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10, reaper, new Server());
  }

  @BeforeEach
  void start() throws IOException {
    listener.start();
    connector.start();
  }

  @AfterEach
  void stop() {
    listener.close();
    connector.close();
    reaper.close();
  }

  /// Reads one thing and says what became of that.
  private final class Server implements ConnectionHandler {

    @Override
    public void handle(Connection connection) {
      try {
        Drops below = new Drops(connection);
        TlsConnection tls = TlsConnection.accept(below, engines, PATIENCE, clock::get);
        below.dropping = slow.get();
        tls.limit(Duration.ofSeconds(50));
        tls.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
        ByteBuffer into = ByteBuffer.allocate(100);
        int n = tls.read(into);
        heard.complete(n < 0 ? "end, timed out " + tls.timedOut() : n + " octets");
        tls.close();
      } catch (IOException e) {
        heard.complete(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public void acceptFailed(IOException cause) {
      heard.completeExceptionally(cause);
    }
  }

  /// A peer whose octets come one by one, a second apart.
  private final class Drops implements Connection {

    private final Connection below;
    private boolean dropping;

    private Drops(Connection below) {
      this.below = below;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (!dropping) {
        return below.read(into);
      }
      clock.addAndGet(Duration.ofSeconds(1).toNanos());
      ByteBuffer drop = into.slice(into.position(), 1);
      int n = below.read(drop);
      into.position(into.position() + Math.max(0, n));
      return n;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
      below.write(from);
    }

    @Override
    public void limit(Duration inactivity) {
      below.limit(inactivity);
    }

    @Override
    public boolean timedOut() {
      return below.timedOut();
    }

    @Override
    public InetSocketAddress remote() {
      return below.remote();
    }

    @Override
    public InetSocketAddress local() {
      return below.local();
    }

    @Override
    public void close() {
      below.close();
    }
  }

  private TlsConnection client() throws IOException {
    TlsConnection client =
        TlsConnection.connect(
            connector.connect(listener.localAddress(), PATIENCE),
            engines,
            "mx.test",
            PATIENCE,
            Ticker.system());
    assertThat(client.read(ByteBuffer.allocate(5))).isEqualTo(5);
    return client;
  }

  private String heard() throws Exception {
    return heard.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aRecordThatComesDropByDropIsWaitedForNoLongerThanSilence() throws Exception {
    slow.set(true);
    TlsConnection client = client();
    client.write(ByteBuffer.wrap(new byte[90]));

    assertThat(heard()).isEqualTo("end, timed out true");
    assertThat(Duration.ofNanos(clock.get())).isEqualTo(Duration.ofSeconds(50));
  }

  @Test
  void aShortOneMayComeSo() throws Exception {
    slow.set(true);
    TlsConnection client = client();
    client.write(ByteBuffer.wrap(new byte[9]));

    assertThat(heard()).isEqualTo("9 octets");
  }

  /// It would cost us much more than the peer, and mail has no use for it.
  @Test
  void aSecondHandshakeIsRefused() throws Exception {
    int port = listener.localAddress().getPort();
    try (SSLSocket socket =
        (SSLSocket)
            TestTls.context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThat(socket.getInputStream().readNBytes(5)).hasSize(5);
      Throwable refused =
          catchThrowable(
              () -> {
                socket.startHandshake();
                socket.getInputStream().readAllBytes();
              });

      assertThat(heard()).isEqualTo("TLS: the peer wants to shake hands again");
      assertThat(refused).isNotInstanceOf(SocketTimeoutException.class);
    }
  }
}
