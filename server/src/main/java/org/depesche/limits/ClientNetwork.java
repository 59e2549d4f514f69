package org.depesche.limits;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// What is counted as one client: an IPv4 address, or an IPv6 /64, which is what one customer is
/// given (RFC 6177 §2).
///
/// @param bits the bytes that name it, as a number
/// @param length of an address of its family, in bytes
record ClientNetwork(long bits, int length) {

  private static final int IPV6_NETWORK_BYTES = 8;

  static ClientNetwork of(InetAddress address) {
    byte[] bytes = address.getAddress();
    int named = address instanceof Inet6Address ? IPV6_NETWORK_BYTES : bytes.length;
    long value = 0;
    for (byte b : Arrays.copyOf(bytes, named)) {
      value = value << 8 | b & 0xff;
    }
    return new ClientNetwork(value, bytes.length);
  }

  /// `192.0.2.1` or `2001:db8:0:0:0:0:0:0/64`.
  @Override
  public String toString() {
    boolean six = length > Integer.BYTES;
    byte[] bytes = new byte[length];
    int named = six ? IPV6_NETWORK_BYTES : length;
    for (int i = 0; i < named; i++) {
      bytes[i] = (byte) (bits >> (Byte.SIZE * (named - 1 - i)));
    }
    try {
      return InetAddress.getByAddress(bytes).getHostAddress() + (six ? "/64" : "");
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
