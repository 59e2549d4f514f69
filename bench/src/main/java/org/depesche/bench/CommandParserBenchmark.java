package org.depesche.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.depesche.mail.Domain;
import org.depesche.smtp.Command;
import org.depesche.smtp.CommandParser;
import org.depesche.smtp.Dialect;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A command line from its octets to a `Command`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CommandParserBenchmark {

  private final CommandParser parser = new CommandParser(new Domain("mx.bench.test"), false, false);

  /// The commands of a message, and one that is none.
  @Param({
    "EHLO client.example.org",
    "MAIL FROM:<bounces+12345@news.example.org> SIZE=10240 BODY=8BITMIME",
    "RCPT TO:<someone.else@mx.bench.test>",
    "DATA",
    "GET / HTTP/1.1"
  })
  public String line = "";

  private byte[] octets = {};

  @Setup
  public void encode() {
    octets = line.getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public Command parse() {
    return parser.parse(octets, 0, octets.length, Dialect.EXTENDED);
  }
}
