package org.depesche.bench;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// An address from its text to a `Mailbox`.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AddressParserBenchmark {

  /// What is frequent, and what is rare and costs more.
  @Param({
    "user@example.org",
    "first.last+tag@department.example.org",
    "\"quoted \\\\\" local\"@example.org",
    "user@[IPv6:2001:db8::1]",
    "jürgen@bücher.example",
    "not an address"
  })
  public String text = "";

  @Benchmark
  public Optional<Mailbox> parse() {
    return AddressParser.parseMailbox(text, true);
  }
}
