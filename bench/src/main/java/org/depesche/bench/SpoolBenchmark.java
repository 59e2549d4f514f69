package org.depesche.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.spool.RecipientState;
import org.depesche.spool.Settlement;
import org.depesche.spool.SpoolWriter;
import org.depesche.spool.log.LogSpool;
import org.depesche.spool.log.LogSpoolSettings;
import org.depesche.time.Ticker;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// A message into the spool and onto the disk, in a temporary folder (`java.io.tmpdir`), and out of
/// it again: one after the other, and by many threads that share the syncs.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SpoolBenchmark {

  private static final Envelope ENVELOPE =
      new Envelope(
          new Mailbox("sender", "client.test"),
          List.of(new Recipient(new Mailbox("user", "example.org"))));
  private static final String TRACE =
      "Received: from client.test (client.test [192.0.2.1])\r\n by mx.example.org;"
          + " Sun, 1 Mar 2026 12:00:00 +0000\r\n";
  private static final int SEGMENT = 64 << 20;

  /// About how large the message is.
  @Param({"1024", "102400"})
  public int size;

  private byte[] message = {};
  private Path folder = Path.of("");
  private @Nullable LogSpool spool; // null outside of a trial

  @Setup
  public void open() throws IOException {
    message = Samples.message(size);
    folder = Files.createTempDirectory("depesche-spool");
    spool =
        LogSpool.open(
            new LogSpoolSettings(folder.resolve("spool"), SEGMENT, 0, Duration.ofMinutes(1)),
            InstantSource.system(),
            Ticker.system());
  }

  @TearDown
  public void delete() throws IOException {
    Objects.requireNonNull(spool).close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  public void alone() {
    store();
  }

  @Benchmark
  @Threads(20)
  public void twentyAtOnce() {
    store();
  }

  private void store() {
    LogSpool open = Objects.requireNonNull(spool);
    SpoolWriter writer = open.begin();
    writer.write(message, 0, message.length);
    writer.describe(ENVELOPE, TRACE, InstantSource.system().instant());
    writer.commit();
    // Nobody waits for this, as in the server; without it the disk would fill.
    var _ =
        open.settle(
            new Settlement(writer.id(), List.of(new RecipientState.Delivered()), List.of()));
  }
}
