package org.depesche.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.depesche.mail.EnvelopeId;
import org.depesche.testing.MemoryTimelines;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdminClientTest {

  private static final EnvelopeId EID = EnvelopeId.firstAt(1_800_000_000_000L);

  @TempDir Path folder;

  private final FakeTarget target = new FakeTarget();
  private final MemoryTimelines history = new MemoryTimelines();
  private AdminServer server;
  private AdminClient client;

  @BeforeEach
  void start() {
    server =
        new AdminServer(
            AdminSettings.local(""), folder, target, history, () -> "", new SecureRandom());
    server.start();
    client = new AdminClient(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void statusComesBackAsTheServerGaveIt() {
    assertThat(client.status())
        .isInstanceOfSatisfying(
            AdminAnswer.Done.class, done -> assertThat(done.value()).isEqualTo(target.status()));
  }

  @Test
  void unknownThingsAreRefused() {
    assertThat(client.message(EID))
        .isEqualTo(new AdminAnswer.Refused<>(404, "nothing is known of message " + EID, List.of()));
    assertThat(client.refusals("a/../b c?&"))
        .isInstanceOfSatisfying(
            AdminAnswer.Refused.class, refused -> assertThat(refused.status()).isBetween(400, 404));
  }

  @Test
  void addressesOfEveryKindCanBeAskedFor() {
    history.emit(AdminServerTest.accepted("\"a b&c=d+e%\"@x.y", "b@x.y"));

    assertThat(client.messages("\"a b&c=d+e%\"@x.y", 5))
        .isInstanceOfSatisfying(
            AdminAnswer.Done.class,
            done -> assertThat(((AddressReport) done.value()).messages()).hasSize(1));
  }

  @Test
  void reloadBringsTheProblemsBack() {
    target.reload = new ReloadOutcome.Refused(List.of("a.toml:1:1 x", "a.toml:2:1 y"));

    assertThat(client.reload())
        .isEqualTo(
            new AdminAnswer.Refused<>(
                422,
                "the configuration has mistakes, nothing was changed",
                List.of("a.toml:1:1 x", "a.toml:2:1 y")));
  }

  @Test
  void stopAndQueueAreAnswered() {
    assertThat(client.queue(5)).isInstanceOf(AdminAnswer.Done.class);
    assertThat(client.stop()).isInstanceOf(AdminAnswer.Done.class);
    assertThat(target.stopped).isTrue();
  }

  @Test
  void withoutAServerItSaysSo() {
    server.close();

    assertThat(client.status())
        .isEqualTo(new AdminAnswer.NotRunning<>("No server is running on " + folder + "."));
  }

  @Test
  void aServerThatDiedLeavesAFileAndNoAnswer() throws IOException {
    AdminFile file = AdminFile.read(folder).orElseThrow();
    server.close();
    file.write(folder);

    assertThat(client.status())
        .isInstanceOfSatisfying(
            AdminAnswer.NotRunning.class,
            answer -> assertThat(answer.why()).contains("No server answers at", file.url()));
  }

  @Test
  void aFileOfNonsenseIsSaid() throws IOException {
    for (String nonsense : List.of("", "{", "[]", "{\"url\": 3}", "x".repeat(20_000))) {
      Files.writeString(folder.resolve("admin.json"), nonsense);

      assertThat(client.status())
          .isInstanceOfSatisfying(
              AdminAnswer.NotRunning.class,
              answer -> assertThat(answer.why()).contains("admin.json cannot be read"));
    }
  }

  @Test
  void somebodyElseOnThePortIsNotUnderstood() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      new AdminFile("http://127.0.0.1:" + other.getLocalPort(), other.getLocalPort(), "t", 1)
          .write(folder);
      Thread answering =
          Thread.startVirtualThread(() -> answer(other, "HTTP/1.1 200 OK\r\n\r\nhi"));

      assertThat(client.status())
          .isInstanceOfSatisfying(
              AdminAnswer.NotRunning.class,
              answer -> assertThat(answer.why()).contains("not understood"));
      answering.join();
    }
  }

  private static void answer(ServerSocket listening, String text) {
    try (Socket socket = listening.accept()) {
      socket.getInputStream().read(new byte[4096]);
      socket.getOutputStream().write(text.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
