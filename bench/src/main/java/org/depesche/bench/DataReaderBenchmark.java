package org.depesche.bench;

import java.util.concurrent.TimeUnit;
import org.depesche.smtp.ContentSink;
import org.depesche.smtp.DataReader;
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
import org.openjdk.jmh.infra.Blackhole;

/// The content of a message from the octets of DATA, in pieces as a socket gives them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DataReaderBenchmark {

  private static final int PIECE = 16 * 1024;

  /// About how large the message is.
  @Param({"1024", "10240", "1048576"})
  public int size;

  private byte[] data = {};

  @Setup
  public void write() {
    data = Samples.data(size);
  }

  @Benchmark
  public boolean read(Blackhole hole) {
    DataReader reader = new DataReader();
    ContentSink sink = (_, offset, length) -> hole.consume(offset + length);
    for (int at = 0; at < data.length; ) {
      at += reader.read(data, at, Math.min(PIECE, data.length - at), sink);
    }
    return reader.atEnd();
  }
}
