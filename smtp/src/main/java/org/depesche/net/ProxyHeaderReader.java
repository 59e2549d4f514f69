package org.depesche.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the header of the PROXY protocol, octet by octet: what stands behind it is not ours.
final class ProxyHeaderReader {

  /// Version 2: what no text protocol begins with.
  private static final byte[] SIGNATURE = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };

  /// Version 1: the longest line, CRLF included.
  private static final int MAX_LINE = 107;

  /// Version 2: addresses with all that may stand behind them. A certificate of the client fits.
  private static final int MAX_REST = 16 * 1024;

  private static final int PORT_OCTETS = 2;

  private static final Pattern LINE =
      Pattern.compile(
          "PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]{2,45}) ([0-9A-Fa-f:.]{2,45}) (\\d{1,5}) (\\d{1,5})");
  private static final Pattern UNKNOWN = Pattern.compile("PROXY UNKNOWN( .*)?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final Connection connection;

  ProxyHeaderReader(Connection connection) {
    this.connection = connection;
  }

  ProxyHeader read() throws IOException {
    byte[] start = take(SIGNATURE.length);
    if (Arrays.equals(start, SIGNATURE)) {
      return binary();
    }
    if (!new String(start, US_ASCII).startsWith("PROXY ")) {
      throw new ProxyHeaderException("no PROXY header where a balancer has to send one");
    }
    StringBuilder line = new StringBuilder(new String(start, US_ASCII));
    while (line.indexOf("\r\n") < 0) {
      if (line.length() >= MAX_LINE) {
        throw new ProxyHeaderException("a PROXY line without an end");
      }
      line.append((char) (take(1)[0] & 0xff));
    }
    return text(line.substring(0, line.length() - 2));
  }

  private static ProxyHeader text(String line) throws ProxyHeaderException {
    if (UNKNOWN.matcher(line).matches()) {
      return new ProxyHeader.Local();
    }
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new ProxyHeaderException("a PROXY line that makes no sense");
    }
    boolean v4 = parts.group(1).equals("TCP4");
    return new ProxyHeader.Proxied(
        new InetSocketAddress(address(parts.group(2), v4), port(parts.group(4))),
        new InetSocketAddress(address(parts.group(3), v4), port(parts.group(5))));
  }

  private static InetAddress address(String text, boolean v4) throws ProxyHeaderException {
    try {
      // Numbers only get here: nothing is looked up.
      if (v4 ? IPV4.matcher(text).matches() : text.contains(":")) {
        return InetAddress.getByName(text);
      }
    } catch (UnknownHostException _) {
      // It is told below.
    }
    throw new ProxyHeaderException("an address in a PROXY line that is none");
  }

  private static int port(String text) throws ProxyHeaderException {
    int port = Integer.parseInt(text);
    if (port > 0xffff) {
      throw new ProxyHeaderException("a port in a PROXY line that is none");
    }
    return port;
  }

  private ProxyHeader binary() throws IOException {
    ByteBuffer fixed = ByteBuffer.wrap(take(4));
    int versionAndCommand = fixed.get();
    int family = fixed.get();
    int length = fixed.getShort() & 0xffff;
    if (length > MAX_REST) {
      throw new ProxyHeaderException("a PROXY header of " + length + " octets");
    }
    ByteBuffer rest = ByteBuffer.wrap(take(length));
    return switch (versionAndCommand) {
      case 0x20 -> new ProxyHeader.Local();
      case 0x21 ->
          switch (family) {
            case 0x11 -> proxied(rest, 4);
            case 0x21 -> proxied(rest, 16);
            // Another protocol than TCP over IP: to be taken for one that is not known.
            default -> new ProxyHeader.Local();
          };
      default -> throw new ProxyHeaderException("a PROXY header of another version");
    };
  }

  /// What stands behind the addresses is not for us.
  private static ProxyHeader proxied(ByteBuffer rest, int octets) throws ProxyHeaderException {
    if (rest.remaining() < 2 * (octets + PORT_OCTETS)) {
      throw new ProxyHeaderException("a PROXY header shorter than its addresses");
    }
    InetAddress client = address(rest, octets);
    InetAddress server = address(rest, octets);
    return new ProxyHeader.Proxied(
        new InetSocketAddress(client, rest.getShort() & 0xffff),
        new InetSocketAddress(server, rest.getShort() & 0xffff));
  }

  private static InetAddress address(ByteBuffer from, int octets) throws ProxyHeaderException {
    byte[] address = new byte[octets];
    from.get(address);
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new ProxyHeaderException("an address of " + octets + " octets");
    }
  }

  private byte[] take(int octets) throws IOException {
    ByteBuffer taken = ByteBuffer.allocate(octets);
    while (taken.hasRemaining()) {
      if (connection.read(taken) < 0) {
        throw new ProxyHeaderException(
            connection.timedOut() ? "no PROXY header in time" : "hung up in the PROXY header");
      }
    }
    return taken.array();
  }
}
