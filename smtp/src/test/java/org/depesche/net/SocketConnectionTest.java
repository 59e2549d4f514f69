package org.depesche.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SocketConnectionTest {

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final AtomicLong clock = new AtomicLong(1);
  private final Reaper reaper = new Reaper(clock::get, Duration.ofMillis(1));
  private final BlockingQueue<SocketConnection> accepted = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> done = new SynchronousQueue<>();
  private final Listener listener =
      new Listener(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          10,
          reaper,
          new ConnectionHandler() {
            @Override
            public void handle(Connection connection) {
              accepted.add((SocketConnection) connection);
              try {
                done.take();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }

            @Override
            public void acceptFailed(IOException cause) {
              throw new AssertionError(cause);
            }
          });

  @BeforeEach
  void start() throws IOException {
    reaper.start();
    listener.start();
  }

  @AfterEach
  void stop() {
    listener.close();
    reaper.close();
  }

  @Test
  void aReadMayWaitForATimeOnly() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      assertThat(server.readWithin(ByteBuffer.allocate(9), Duration.ofMillis(1))).isZero();
      client.getOutputStream().write("ab".getBytes(StandardCharsets.US_ASCII));
      ByteBuffer one = ByteBuffer.allocate(1);
      assertThat(server.readWithin(one, LIMIT)).isEqualTo(1);
      assertThat(server.read(one.clear())).isEqualTo(1);
      assertThat(one.get(0)).isEqualTo((byte) 'b');
      server.endInput();
      assertThat(server.readWithin(one.clear(), LIMIT)).isEqualTo(-1);
    }
  }

  @Test
  void aReaderWhosePeerKeepsSilentWakesUpAndMayStillWrite() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      server.limit(LIMIT);
      BlockingQueue<Integer> read = readInBackground(server);
      advance(LIMIT.minusSeconds(1));
      assertThat(read.poll(50, TimeUnit.MILLISECONDS)).isNull();
      assertThat(server.timedOut()).isFalse();

      while (!server.timedOut()) {
        // The reader may have begun to wait before or after the first advance.
        advance(Duration.ofSeconds(2));
        Thread.sleep(1);
      }
      Integer result = read.poll(20, TimeUnit.SECONDS);

      assertThat(result).isEqualTo(-1);
      assertThat(server.timedOut()).isTrue();
      server.write(ByteBuffer.wrap("421\r\n".getBytes(StandardCharsets.US_ASCII)));
      server.finish();
      assertThat(client.getInputStream().readAllBytes()).hasSize(5);
    }
  }

  @Test
  void timeThatWeTakeOurselvesDoesNotCount() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      server.limit(LIMIT);
      advance(Duration.ofHours(1));
      client.getOutputStream().write('x');

      assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(1);
      assertThat(server.timedOut()).isFalse();
    }
  }

  @Test
  void aWriterWhosePeerDoesNotReadIsCutOff() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      server.limit(LIMIT);
      LinkedBlockingQueue<Throwable> failure = new LinkedBlockingQueue<>();
      Thread.startVirtualThread(
          () -> {
            try {
              while (true) {
                server.write(ByteBuffer.allocate(1 << 20));
              }
            } catch (IOException e) {
              failure.add(e);
            }
          });
      Throwable cause = failure.poll(10, TimeUnit.MILLISECONDS);
      while (cause == null) {
        advance(LIMIT);
        cause = failure.poll(10, TimeUnit.MILLISECONDS);
      }

      assertThat(cause).isInstanceOf(ClosedChannelException.class);
      assertThat(server.timedOut()).isTrue();
      assertThat(client.getInputStream().read()).isZero();
    }
  }

  @Test
  void nothingLastsForEver() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      server.limit(SocketConnection.MAX_AGE.multipliedBy(2));
      client.getOutputStream().write('x');
      assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(1);

      advance(SocketConnection.MAX_AGE);

      assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(-1);
      assertThat(server.timedOut()).isTrue();
    }
  }

  @Test
  void endingTheInputWakesAReaderAtOnce() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      BlockingQueue<Integer> read = readInBackground(server);
      assertThat(read.poll(20, TimeUnit.MILLISECONDS)).isNull();

      server.endInput();

      assertThat(read.take()).isEqualTo(-1);
      assertThat(server.timedOut()).isFalse();
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void theLastReplySurvivesUnreadInput() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      client.getOutputStream().write(new byte[100_000]);
      client.getOutputStream().flush();
      client.shutdownOutput();

      server.write(ByteBuffer.wrap("552 no\r\n".getBytes(StandardCharsets.US_ASCII)));
      server.finish();

      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .isEqualTo("552 no\r\n");
    }
  }

  @Test
  void connectsAndHasNoDelay() throws Exception {
    try (SocketConnection client =
        SocketConnection.connect(listener.localAddress(), Duration.ofSeconds(5), reaper)) {
      SocketConnection server = accepted();

      client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));

      assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(3);
      assertThat(server.remote()).isEqualTo(client.local());
      assertThat(server.local()).isEqualTo(client.remote());
    }
  }

  @Test
  void aClosedListenerAcceptsNoMoreAndLeavesConnectionsAlone() throws Exception {
    try (Socket client = connect()) {
      SocketConnection server = accepted();
      InetSocketAddress address = listener.localAddress();
      listener.close();

      client.getOutputStream().write('x');
      assertThat(server.read(ByteBuffer.allocate(10))).isEqualTo(1);
      assertThatThrownBy(
              () -> {
                try (SocketChannel late = SocketChannel.open(address)) {
                  late.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  private Socket connect() throws IOException {
    InetSocketAddress address = listener.localAddress();
    return new Socket(address.getAddress(), address.getPort());
  }

  private SocketConnection accepted() throws InterruptedException {
    return accepted.take();
  }

  private void advance(Duration duration) {
    clock.addAndGet(duration.toNanos());
  }

  private static BlockingQueue<Integer> readInBackground(SocketConnection connection) {
    BlockingQueue<Integer> result = new LinkedBlockingQueue<>();
    Thread.startVirtualThread(
        () -> {
          try {
            result.add(connection.read(ByteBuffer.allocate(100)));
          } catch (IOException e) {
            result.add(-2);
          }
        });
    return result;
  }
}
