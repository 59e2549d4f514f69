package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.depesche.net.Connection;
import org.depesche.testing.RecordingReceiver;
import org.junit.jupiter.api.Test;

/// Clients that send their message drop by drop, on a clock of the test's own.
class SlowClientTest {

  private static final DataRate RATE = new DataRate(1000, Duration.ofSeconds(100));
  private static final String BEGIN =
      "EHLO c.test\r\nMAIL FROM:<a@c.test>\r\nRCPT TO:<b@mx.test>\r\n";
  private static final String LINE = "0123456789abcdef0123456789abcdef\r\n";
  private static final String DATA = BEGIN + "DATA\r\n" + LINE.repeat(100) + ".\r\nQUIT\r\n";
  private static final String TOO_SLOW = "421 4.4.2 Your message comes too slowly, closing\r\n";
  private static final String BYE = "221 2.0.0 Bye\r\n";

  private final RecordingReceiver receiver = new RecordingReceiver();
  private Doorway doorway = Doorway.OPEN.demanding(RATE);

  /// A client that sends so much every second.
  private static final class Trickle implements Connection {

    private static final InetSocketAddress NOWHERE =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);

    private final ByteBuffer in;
    private final int octets;
    private final StringBuilder out = new StringBuilder();
    private long nanos;

    private Trickle(String in, int octets) {
      this.in = ByteBuffer.wrap(in.getBytes(US_ASCII));
      this.octets = octets;
    }

    @Override
    public int read(ByteBuffer into) {
      nanos += Duration.ofSeconds(1).toNanos();
      int n = Math.min(Math.min(octets, in.remaining()), into.remaining());
      if (n == 0) {
        return -1;
      }
      into.put(in.slice(in.position(), n));
      in.position(in.position() + n);
      return n;
    }

    @Override
    public void write(ByteBuffer from) {
      out.append(US_ASCII.decode(from));
    }

    @Override
    public void limit(Duration inactivity) {}

    @Override
    public boolean timedOut() {
      return false;
    }

    @Override
    public InetSocketAddress remote() {
      return NOWHERE;
    }

    @Override
    public InetSocketAddress local() {
      return NOWHERE;
    }

    @Override
    public void close() {}
  }

  private String answers(String lines, int octetsPerSecond) {
    Trickle client = new Trickle(lines, octetsPerSecond);
    new SmtpService(
            SessionSettings.defaults("mx.test").withDoorway(doorway),
            receiver,
            InstantSource.fixed(Instant.EPOCH),
            () -> client.nanos)
        .session(client)
        .run();
    return client.out.toString();
  }

  @Test
  void tooSlowIsToldAndNothingIsStored() {
    assertThat(answers(DATA, 9)).endsWith(TOO_SLOW);
    assertThat(receiver.messages()).isEmpty();
    assertThat(receiver.aborted()).hasSize(1);
    assertThat(receiver.endings()).containsExactly("timeout 0");
    assertThat(receiver.refused().getLast()).startsWith("DATA | 421").endsWith("data-rate");
  }

  @Test
  void fastEnoughIs() {
    assertThat(answers(DATA, 11)).endsWith(BYE);
    assertThat(receiver.messages()).hasSize(1);
  }

  @Test
  void chunksAreMeasuredTogether() {
    String chunks =
        BEGIN + ("BDAT " + LINE.length() + "\r\n" + LINE).repeat(100) + "BDAT 0 LAST\r\nQUIT\r\n";
    assertThat(answers(chunks, 5)).endsWith(TOO_SLOW);
    assertThat(receiver.messages()).isEmpty();
    assertThat(receiver.refused().getLast()).startsWith("BDAT | 421");
    assertThat(answers(chunks, 20)).endsWith(BYE);
    assertThat(receiver.messages()).hasSize(1);
  }

  @Test
  void aChunkThatIsRefusedIsNotWaitedForEither() {
    assertThat(answers("EHLO c.test\r\nBDAT 3400\r\n" + LINE.repeat(100), 5)).endsWith(TOO_SLOW);
  }

  /// RFC 5321 §4.5.3.2.7: the time is for the command, not for each octet of it.
  @Test
  void aCommandHasToComeAsAWhole() {
    String longCommand = "NOOP " + "x".repeat(400) + "\r\n";
    assertThat(answers(longCommand + "QUIT\r\n", 1)).endsWith("421 4.4.2 Timed out, closing\r\n");
    assertThat(receiver.endings()).containsExactly("timeout 0");
    assertThat(answers(longCommand + "QUIT\r\n", 2)).endsWith(BYE);
    assertThat(answers("NOOP\r\n".repeat(400) + "QUIT\r\n", 6))
        .as("each command has its own time")
        .endsWith(BYE);
  }

  @Test
  void whoIsSparedMayTakeHisTime() {
    doorway = doorway.sparing(InetAddress::isLoopbackAddress);
    assertThat(answers(DATA, 1)).endsWith(BYE);
    assertThat(receiver.messages()).hasSize(1);
  }

  @Test
  void shortMessagesAreOverBeforeTheyAreJudged() {
    assertThat(answers(BEGIN + "DATA\r\nhello\r\n.\r\nQUIT\r\n", 1)).endsWith(BYE);
  }

  @Test
  void aWaitBeyondTheWindowCountsInFull() {
    Pace pace = new Pace(Optional.of(RATE));
    long wait = Duration.ofMinutes(5).toNanos();
    assertThat(pace.isKept(wait, 2999)).isFalse();
    assertThat(pace.isKept(wait, 3000)).isTrue();
  }
}
