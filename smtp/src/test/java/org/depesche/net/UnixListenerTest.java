package org.depesche.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A listener on a socket of this machine, and the file of it.
@Timeout(20)
class UnixListenerTest {

  @TempDir private Path folder;

  private final Reaper reaper = new Reaper(Ticker.system(), Reaper.INTERVAL);
  private Path path = Path.of("set before each test");
  private Listener listener = listener("rw-rw----");

  /// Says where the client is, and what it has said.
  private static final class Echo implements ConnectionHandler {

    @Override
    public void handle(Connection connection) {
      ByteBuffer said = ByteBuffer.allocate(100);
      try {
        if (connection.read(said) < 0) {
          return;
        }
        connection.write(US_ASCII.encode(connection.remote() + " "));
        connection.write(said.flip());
        connection.finish();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void acceptFailed(IOException cause) {
      throw new AssertionError(cause);
    }
  }

  private Listener listener(String permissions) {
    return new Listener(
        new ListenPlace.Unix(path, PosixFilePermissions.fromString(permissions)),
        10,
        reaper,
        new Echo());
  }

  @BeforeEach
  void place() {
    path = folder.resolve("lmtp");
    listener = listener("rw-rw----");
  }

  @AfterEach
  void stop() {
    listener.close();
    reaper.close();
  }

  private String talk() throws IOException {
    ByteBuffer said = ByteBuffer.allocate(100);
    try (Connection client = SocketConnection.connect(path, reaper)) {
      client.write(US_ASCII.encode("hello"));
      while (client.read(said) >= 0) {
        assertThat(said.hasRemaining()).isTrue();
      }
    }
    return US_ASCII.decode(said.flip()).toString();
  }

  @Test
  void takesConnectionsAndRemovesItsFile() throws IOException {
    listener.start();
    assertThat(talk()).isEqualTo("localhost/127.0.0.1:0 hello");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-rw----");
    listener.close();
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aFileThatADeadServerHasLeftIsReplaced() throws IOException {
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(path));
    dead.close();
    assertThat(path).exists();
    listener.start();
    assertThat(talk()).endsWith(" hello");
  }

  @Test
  void aSocketSomebodyListensOnIsNotTaken() throws IOException {
    listener.start();
    Listener second = listener("rwxrwxrwx");
    assertThatThrownBy(second::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("somebody listens");
    second.close();
    assertThat(talk()).endsWith(" hello");
  }

  @Test
  void aFileOfAnotherKindIsNotTouched() throws IOException {
    Files.writeString(path, "precious");
    assertThatThrownBy(listener::start).hasMessageContaining("no socket");
    listener.close();
    assertThat(path).hasContent("precious");
  }

  @Test
  void aFileThatHasTakenItsPlaceStays() throws IOException {
    listener.start();
    Files.delete(path);
    Files.writeString(path, "another's");
    listener.close();
    assertThat(path).hasContent("another's");
  }

  @Test
  void thereIsNoWaitForATime() throws IOException {
    listener.start();
    try (Connection client = SocketConnection.connect(path, reaper)) {
      assertThat(client.readWithin(ByteBuffer.allocate(1), Duration.ofDays(1))).isZero();
    }
  }
}
