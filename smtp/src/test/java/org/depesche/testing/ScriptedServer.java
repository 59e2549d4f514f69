package org.depesche.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.depesche.net.Connection;

/// A server that follows a script, seen from the client's end of the connection.
///
/// `S: text` is a line of the server, `C: text` one the client must have sent by then, `S! text` is
/// sent as it stands, with `\r`, `\n` for CR and LF. `@silence` makes a read time out, `@reset`
/// break; the end of the script hangs up.
public final class ScriptedServer implements Connection {

  private final List<String> script;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<Duration> limits = new ArrayList<>();
  private int step;
  private int matched;
  private byte[] pending = {};
  private int sent;
  private boolean silent;
  private boolean closed;
  private int takes = Integer.MAX_VALUE;
  private int octetsARead = Integer.MAX_VALUE;
  private Runnable onRead = () -> {};

  private ScriptedServer(List<String> script) {
    this.script = script;
  }

  /// A server for a script.
  public static ScriptedServer of(String script) {
    return new ScriptedServer(script.lines().filter(line -> !line.isBlank()).toList());
  }

  /// Breaks the connection for writing after so many octets.
  public ScriptedServer takingOnly(int octets) {
    takes = octets;
    return this;
  }

  /// Delivers its words in small pieces.
  public ScriptedServer speaking(int octetsARead, Runnable onRead) {
    this.octetsARead = octetsARead;
    this.onRead = onRead;
    return this;
  }

  /// All the client sent; Latin-1.
  public String received() {
    return received.toString(StandardCharsets.ISO_8859_1);
  }

  /// The time limits the client has set.
  public List<Duration> limits() {
    return List.copyOf(limits);
  }

  /// True when the client has closed the connection.
  public boolean isClosed() {
    return closed;
  }

  /// True when the script was followed to its end, and nothing was sent beyond it.
  public boolean isDone() {
    matchClientLines();
    return step == script.size() && matched == received.toString(StandardCharsets.UTF_8).length();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    assertThat(closed).as("read after close").isFalse();
    onRead.run();
    if (sent == pending.length) {
      next();
    }
    if (pending.length == 0) {
      return -1;
    }
    int length = Math.min(Math.min(into.remaining(), octetsARead), pending.length - sent);
    into.put(pending, sent, length);
    sent += length;
    return length;
  }

  private void next() throws IOException {
    matchClientLines();
    StringBuilder words = new StringBuilder();
    while (step < script.size() && script.get(step).startsWith("S")) {
      String line = script.get(step++);
      words.append(
          line.startsWith("S: ")
              ? line.substring(3) + "\r\n"
              : line.substring(3).replace("\\r", "\r").replace("\\n", "\n"));
    }
    pending = words.toString().getBytes(StandardCharsets.UTF_8);
    sent = 0;
    if (pending.length == 0 && step < script.size()) {
      String directive = script.get(step);
      if (directive.equals("@reset")) {
        step++;
        throw new IOException("Connection reset");
      }
      assertThat(directive).as("the client waits, and has not sent").isEqualTo("@silence");
      silent = true;
      step++;
    }
  }

  private void matchClientLines() {
    while (step < script.size() && script.get(step).startsWith("C: ")) {
      String wanted = script.get(step).substring(3) + "\r\n";
      String rest = received.toString(StandardCharsets.UTF_8).substring(matched);
      assertThat(rest).as("step %d", step).startsWith(wanted);
      matched += wanted.length();
      step++;
    }
  }

  @Override
  public void write(ByteBuffer from) throws IOException {
    assertThat(closed).as("write after close").isFalse();
    while (from.hasRemaining()) {
      if (received.size() == takes) {
        throw new IOException("Broken pipe");
      }
      received.write(from.get());
    }
  }

  @Override
  public void limit(Duration inactivity) {
    limits.add(inactivity);
  }

  @Override
  public boolean timedOut() {
    return silent;
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
  }

  @Override
  public InetSocketAddress local() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
  }

  @Override
  public void close() {
    closed = true;
  }
}
