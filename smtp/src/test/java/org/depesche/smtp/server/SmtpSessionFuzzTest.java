package org.depesche.smtp.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.depesche.net.Connection;
import org.depesche.testing.RecordingReceiver;

/// Any bytes from a client: the session always comes to an end, ends each message once, and says
/// only what looks like replies.
class SmtpSessionFuzzTest {

  private static final String TRANSACTION =
      "EHLO c.test\r\nMAIL FROM:<a@c.test>\r\nRCPT TO:<b@mx.test>\r\n";

  /// A client that has sent everything already.
  private static final class Recorded implements Connection {

    private static final InetSocketAddress NOWHERE =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);

    private final ByteBuffer in;
    private final int maxRead;
    private final StringBuilder out = new StringBuilder();
    private int closed;

    private Recorded(byte[] in, int maxRead) {
      this.in = ByteBuffer.wrap(in);
      this.maxRead = maxRead;
    }

    @Override
    public int read(ByteBuffer into) {
      int n = Math.min(Math.min(maxRead, in.remaining()), into.remaining());
      if (n == 0) {
        return -1;
      }
      into.put(in.slice(in.position(), n));
      in.position(in.position() + n);
      return n;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
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
    public void close() {
      closed++;
    }
  }

  @FuzzTest(maxDuration = "1m")
  void anythingAtAll(byte[] input) {
    converse(input);
  }

  @FuzzTest(maxDuration = "1m")
  void anythingInsideATransaction(byte[] input) {
    byte[] prefix = TRANSACTION.getBytes(US_ASCII);
    byte[] all = ByteBuffer.allocate(prefix.length + input.length).put(prefix).put(input).array();
    converse(all);
  }

  private static void converse(byte[] input) {
    String whole = converse(input, Integer.MAX_VALUE);
    assertThat(converse(input, 1)).isEqualTo(whole);
    assertThat(converse(input, 3)).isEqualTo(whole);
  }

  private static String converse(byte[] input, int maxRead) {
    RecordingReceiver receiver = new RecordingReceiver();
    SessionSettings settings = SessionSettings.defaults("mx.test").withLimits(1000, 3, 3, 20, 1);
    Recorded connection = new Recorded(input, maxRead);
    new SmtpService(settings, receiver, InstantSource.fixed(Instant.EPOCH))
        .session(connection)
        .run();

    String said = connection.out.toString();
    assertThat(connection.closed).isEqualTo(1);
    assertThat(receiver.endings()).hasSize(1);
    assertThat(receiver.misuse()).isEmpty();
    assertThat(receiver.troubles()).isEmpty();
    assertThat(said).matches("(?:[2-5][0-9]{2}[- ][ -~]*\r\n)+");
    return said + receiver.messages() + receiver.aborted() + receiver.endings();
  }
}
