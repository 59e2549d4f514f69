package org.depesche.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.depesche.testing.MemoryConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers of the PROXY protocol, as they come over a connection.
class ProxyHeaderTest {

  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

  private final MemoryConnection.Pair pair = MemoryConnection.pair();

  private ProxyHeader read(byte[] sent) throws IOException {
    pair.client().write(ByteBuffer.wrap(sent));
    pair.client().endOutput();
    return ProxyHeader.read(pair.server().readingAtMost(3));
  }

  private ProxyHeader text(String sent) throws IOException {
    return read(sent.getBytes(ISO_8859_1));
  }

  private ProxyHeader binary(String hex) throws IOException {
    return read(HexFormat.of().parseHex(SIGNATURE + hex.replace(" ", "")));
  }

  private String rest() throws IOException {
    ByteBuffer rest = ByteBuffer.allocate(100);
    while (pair.server().read(rest) > 0) {
      // More may come.
    }
    return new String(rest.array(), 0, rest.position(), ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "PROXY TCP4 192.0.2.1 198.51.100.2 56324 25, 192.0.2.1, 56324, 198.51.100.2, 25",
    "PROXY TCP6 2001:db8::1 2001:db8::2 1 65535, 2001:db8:0:0:0:0:0:1, 1, 2001:db8:0:0:0:0:0:2,"
        + " 65535"
  })
  void aLineOfVersionOneNamesBothEnds(
      String line, String client, int clientPort, String server, int serverPort)
      throws IOException {
    assertThat(text(line + "\r\nEHLO c.test\r\n"))
        .isEqualTo(
            new ProxyHeader.Proxied(
                new InetSocketAddress(client, clientPort),
                new InetSocketAddress(server, serverPort)));
    assertThat(rest()).as("what the client says is left").isEqualTo("EHLO c.test\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROXY UNKNOWN", "PROXY UNKNOWN ffff:f...f:ffff 65535"})
  void whatIsUnknownIsTheBalancer(String line) throws IOException {
    assertThat(text(line + "\r\n")).isEqualTo(new ProxyHeader.Local());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO c.test\r\nMAIL FROM:<a@b.test>\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 25",
        "PROXY TCP4 192.0.2.999 198.51.100.2 56324 25\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
        "PROXY TCP6 2001::db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n",
        "PROXY TCP4 localhost 198.51.100.2 1 25\r\n",
        "PROXY TCP4  192.0.2.1 198.51.100.2 1 25\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 1 25\n\n",
        "PROXY UDP4 192.0.2.1 198.51.100.2 1 25\r\n",
        "proxy tcp4 192.0.2.1 198.51.100.2 1 25\r\n",
        "PROXY\r\nEHLO c.test\r\n",
        ""
      })
  void nonsenseIsRefused(String sent) {
    assertThatThrownBy(() -> text(sent)).isInstanceOf(ProxyHeaderException.class);
  }

  @Test
  void aLineIsBounded() {
    assertThatThrownBy(() -> text("PROXY UNKNOWN " + "x".repeat(93) + "\r\n"))
        .hasMessage("a PROXY line without an end");
  }

  @Test
  void versionTwoNamesBothEndsAndWhatStandsBehindIsPassedOver() throws IOException {
    String hex = "21 11 0013 c0000201 c6336402 dc04 0019 04 0004 01020304" + "45484c4f"; // EHLO
    assertThat(binary(hex))
        .isEqualTo(
            new ProxyHeader.Proxied(
                new InetSocketAddress("192.0.2.1", 56_324),
                new InetSocketAddress("198.51.100.2", 25)));
    assertThat(rest()).isEqualTo("EHLO");
  }

  @Test
  void versionTwoKnowsIpv6() throws IOException {
    String hex =
        "21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0001 0019";
    assertThat(binary(hex))
        .isEqualTo(
            new ProxyHeader.Proxied(
                new InetSocketAddress("2001:db8::1", 1), new InetSocketAddress("2001:db8::2", 25)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20 00 0000", // LOCAL
        "20 11 000c c0000201 c6336402 dc04 0019", // LOCAL, addresses and all
        "21 00 0000", // no address family
        "21 31 0002 ffff", // a socket of a file system
        "21 12 000c c0000201 c6336402 dc04 0019" // UDP
      })
  void whatIsNoTcpClientIsTheBalancer(String hex) throws IOException {
    assertThat(binary(hex)).isEqualTo(new ProxyHeader.Local());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "11 11 000c c0000201 c6336402 dc04 0019", // version 1 in binary
        "22 11 000c c0000201 c6336402 dc04 0019", // a command nobody knows
        "21 11 000b c0000201 c6336402 dc04 00", // too short for its addresses
        "21 11 000c c0000201", // cut off
        "21 11 ffff", // longer than anything
        ""
      })
  void otherBinaryHeadersAreRefused(String hex) {
    assertThatThrownBy(() -> binary(hex)).isInstanceOf(ProxyHeaderException.class);
  }

  @FuzzTest(maxDuration = "1m")
  void anyOctetsAreReadOrRefused(byte[] octets) throws IOException {
    MemoryConnection.Pair ends = MemoryConnection.pair();
    ends.client().write(ByteBuffer.wrap(octets, 0, Math.min(octets.length, 20_000)));
    ends.client().endOutput();
    try {
      assertThat(ProxyHeader.read(ends.server())).isNotNull();
    } catch (ProxyHeaderException refused) {
      assertThat(refused.getMessage()).isNotEmpty();
    }
  }
}
