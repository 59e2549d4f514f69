package org.depesche.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.depesche.mail.Mailbox;
import org.depesche.message.Content;
import org.depesche.message.HeaderScanner;
import org.depesche.message.Hop;
import org.depesche.message.TraceHeaders;
import org.depesche.message.TransferNeeds;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What is done with the header of a message of 10 KiB.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeaderBenchmark {

  private static final int SIZE = 10 * 1024;

  private final Hop hop =
      new Hop(
          "client.example.org",
          Optional.of(InetAddress.getLoopbackAddress()),
          "mx.example.org",
          "ESMTPS",
          Optional.of("TLSv1.3 TLS_AES_256_GCM_SHA384"),
          "0123456789abcdef",
          Optional.of(new Mailbox("user", "example.org")),
          ZonedDateTime.of(2026, 3, 1, 12, 0, 0, 0, ZoneOffset.UTC));
  private byte[] message = {};

  @Setup
  public void write() {
    message = Samples.message(SIZE);
  }

  /// Loops and TLS-Required are looked for while the message comes in.
  @Benchmark
  public int scan() {
    HeaderScanner scanner = new HeaderScanner();
    scanner.write(message, 0, message.length);
    scanner.end();
    return scanner.received();
  }

  /// The field a message gets.
  @Benchmark
  public String received() {
    return TraceHeaders.received(hop);
  }

  /// What a next hop has to offer for it; all of the message is looked at.
  @Benchmark
  public TransferNeeds needs() throws IOException {
    return TransferNeeds.of(Content.of(message));
  }
}
