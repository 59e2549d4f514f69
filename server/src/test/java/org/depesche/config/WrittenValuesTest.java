package org.depesche.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes, lengths of time and addresses as people write them.
class WrittenValuesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512B, 512",
    "10KiB, 10240",
    "50MiB, 52428800",
    "50 mib, 52428800",
    "1GiB, 1073741824",
    "2TiB, 2199023255552",
    "10KB, 10000",
    "5MB, 5000000",
    "1GB, 1000000000",
    "1TB, 1000000000000"
  })
  void sizesAreRead(String text, long bytes) {
    assertThat(DataSize.parse(text)).contains(new DataSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "MiB",
        "-1MiB",
        "1.5MiB",
        "5M",
        "5 parsecs",
        "0x10",
        "9999999999999999999",
        "999999999999999999TiB",
        "1MiB1KiB",
        "٣MiB"
      })
  void whatIsNoSizeIsNotRead(String text) {
    assertThat(DataSize.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1023, 1024, 1536, 1L << 20, 50L << 20, 1L << 30, 3L << 40, 1_000_000})
  void sizesAreWrittenAsTheyAreRead(long bytes) {
    assertThat(DataSize.parse(new DataSize(bytes).toString())).contains(new DataSize(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "30s, PT30S",
    "5m, PT5M",
    "4h, PT4H",
    "5d, PT120H",
    "'5 d', PT120H",
    "0s, PT0S"
  })
  void lengthsOfTimeAreRead(String text, Duration duration) {
    assertThat(Durations.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "-5s", "1.5h", "5w", "5M", "1h30m", "9999999999s", "٣s"})
  void whatIsNoLengthOfTimeIsNotRead(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0ms", "1ms", "999ms", "1s", "90s", "5m", "36h", "7d", "3650d"})
  void lengthsOfTimeAreWrittenAsTheyAreRead(String text) {
    Duration read = Durations.parse(text).orElseThrow();

    assertThat(Durations.parse(Durations.format(read))).contains(read);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:2525, 127.0.0.1, 2525",
    "'[::]:25', ::, 25",
    "'[2001:db8::1]:25', 2001:db8::1, 25",
    ":25, '', 25",
    "localhost:0, localhost, 0",
    "mx.example.org:65535, mx.example.org, 65535"
  })
  void addressesAreRead(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).contains(new ListenAddress(host, port));
    assertThat(new ListenAddress(host, port)).hasToString(text);
  }

  @Test
  void socketsAreRead() {
    ListenAddress read = ListenAddress.parse("unix:/run/depesche/lmtp").orElseThrow();
    assertThat(read.socket()).contains(Path.of("/run/depesche/lmtp"));
    assertThat(read).hasToString("unix:/run/depesche/lmtp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unix:",
        "unix:lmtp",
        "unix:/.",
        "unix:/run/..",
        "unix:/",
        "unix:/run/",
        "unix:/a\nb",
        "unix:/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/012345"
            + "6789/0123456789/012345",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "999.0.0.1:25",
        "1.2.3:25",
        "::1:25",
        "[1:2:3]:25",
        "[127.0.0.1]:25",
        "[::1]",
        "a b:25",
        "-a:25",
        "[fe80::1%eth0]:25",
        "bücher.example:25"
      })
  void whatIsNoAddressIsNotRead(String text) {
    assertThat(ListenAddress.parse(text)).isEmpty();
  }

  @Test
  void anAddressWithoutAHostIsEveryAddress() {
    assertThat(ListenAddress.parse(":0").orElseThrow().socketAddress().getAddress())
        .matches(address -> address.isAnyLocalAddress());
  }
}
