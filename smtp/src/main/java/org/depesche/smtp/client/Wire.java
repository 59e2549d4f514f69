package org.depesche.smtp.client;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.depesche.mail.Reply;
import org.depesche.net.Connection;
import org.depesche.net.TlsConnection;
import org.depesche.net.TlsDetails;
import org.depesche.net.TlsEngines;
import org.depesche.time.Ticker;

/// Commands out, replies in.
final class Wire {

  private static final int OUT_OCTETS = 16 * 1024;
  private static final int IN_OCTETS = 4 * 1024;

  private Connection connection;
  private final Ticker ticker;
  private final Transcript transcript;
  private final Timeouts timeouts;
  private final ByteBuffer out = ByteBuffer.allocate(OUT_OCTETS);
  private final ByteBuffer in = ByteBuffer.allocate(IN_OCTETS).flip();

  Wire(Connection connection, Ticker ticker, Transcript transcript, Timeouts timeouts) {
    this.connection = connection;
    this.ticker = ticker;
    this.transcript = transcript;
    this.timeouts = timeouts;
  }

  Timeouts timeouts() {
    return timeouts;
  }

  /// Puts a command behind those that wait to be sent.
  ///
  /// @throws IllegalArgumentException when it has a control character: it would be two commands, or
  ///   none
  void command(String line) throws LostException {
    secret(line, line);
  }

  /// Puts a command behind those that wait that not everybody who listens may hear.
  ///
  /// @param shown what the transcript has instead
  void secret(String line, String shown) throws LostException {
    if (hasControls(line)) {
      throw new IllegalArgumentException("a command has no control characters");
    }
    byte[] bytes = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
    if (out.remaining() < bytes.length) {
      flush();
    }
    try {
      out.put(bytes);
    } catch (BufferOverflowException e) {
      throw new IllegalArgumentException("a command is shorter than " + OUT_OCTETS, e);
    }
    transcript.client(shown);
  }

  private static boolean hasControls(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' || c == 0x7f) {
        return true;
      }
    }
    return false;
  }

  /// Sends what waits.
  void flush() throws LostException {
    expectSilence();
    try {
      connection.limit(timeouts.command());
      connection.write(out.flip());
      out.clear();
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /// The next reply. It has to be complete within the limit: a server that sends an octet now and
  /// then gains nothing.
  Reply reply(Duration limit) throws LostException {
    ReplyParser parser = new ReplyParser(transcript);
    long start = ticker.nanos();
    while (true) {
      ReplyParser.Step step = parser.take(in);
      switch (step) {
        case ReplyParser.Step.Complete(Reply reply) -> {
          return reply;
        }
        case ReplyParser.Step.Malformed(String reason) -> throw new LostException(reason);
        case ReplyParser.Step.More _ -> fill(limit.minusNanos(ticker.nanos() - start));
      }
    }
  }

  private void fill(Duration limit) throws LostException {
    if (!limit.isPositive()) {
      throw new LostException("the server's reply does not end in time");
    }
    try {
      connection.limit(limit);
      int read = connection.read(in.clear());
      in.flip();
      if (read < 0) {
        throw new LostException(
            connection.timedOut() ? "the server does not answer" : "the server hung up");
      }
    } catch (IOException e) {
      in.clear().flip();
      throw lost(e);
    }
  }

  /// Every question has had its answer when the next is sent. A server that has said more would
  /// have its words taken for the next answer, and the wrong message for accepted.
  void expectSilence() throws LostException {
    if (in.hasRemaining()) {
      throw new LostException("the server says more than it was asked");
    }
  }

  /// Goes on encrypted. What the server has said beyond its answer came without protection, and is
  /// no reason to go on (RFC 3207 §4.2).
  TlsDetails secure(TlsEngines engines, String host, Duration within) throws LostException {
    expectSilence();
    try {
      TlsConnection secured = TlsConnection.connect(connection, engines, host, within, ticker);
      connection = secured;
      return secured.details();
    } catch (IOException e) {
      throw new LostException(String.valueOf(e.getMessage()), e);
    }
  }

  void farewell() {
    connection.farewell();
  }

  /// A writer for a message; nothing else may be sent until it has ended.
  DotStuffer message() throws LostException {
    expectSilence();
    connection.limit(timeouts.dataBlock());
    return new DotStuffer(connection, out);
  }

  void limit(Duration inactivity) {
    connection.limit(inactivity);
  }

  /// Puts octets behind what waits to be sent, and sends what is too much to wait.
  void octets(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      if (!out.hasRemaining()) {
        flushOctets();
      }
      int n = Math.min(end - at, out.remaining());
      out.put(bytes, at, n);
      at += n;
    }
  }

  void flushOctets() throws IOException {
    connection.write(out.flip());
    out.clear();
  }

  void messageSent(long octets) {
    transcript.content(octets);
  }

  /// Forgets what waits to be sent.
  void discard() {
    out.clear();
  }

  LostException lost(IOException e) {
    String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new LostException("connection lost: " + what.toLowerCase(Locale.ROOT), e);
  }

  void close() {
    connection.close();
  }
}
