package org.depesche.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3): `192.0.2.0/24`, `2001:db8::/32`, or a
/// single address.
///
/// @param address its first address
/// @param bits how many bits its addresses have in common
public record Network(InetAddress address, int bits) {

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9A-Fa-f:.]+))(?:/(\\d{1,3}))?");

  /// Reads a network. Empty for what is none, and for an address with bits set beyond the mask:
  /// that is rather a slip than a network.
  public static Optional<Network> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    String address = form.group(1) == null ? form.group(2) : form.group(1);
    if (!address.contains(":") && !address.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
      return Optional.empty();
    }
    try {
      InetAddress first = InetAddress.getByName(address);
      int all = first.getAddress().length * Byte.SIZE;
      int bits = form.group(3) == null ? all : Integer.parseInt(form.group(3));
      return bits <= all && isZeroFrom(first.getAddress(), bits)
          ? Optional.of(new Network(first, bits))
          : Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  public boolean contains(InetAddress other) {
    byte[] ours = address.getAddress();
    byte[] theirs = other.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      if (bit(ours, bit) != bit(theirs, bit)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZeroFrom(byte[] address, int from) {
    for (int bit = from; bit < address.length * Byte.SIZE; bit++) {
      if (bit(address, bit) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int bit(byte[] address, int bit) {
    return address[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE) & 1;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + bits;
  }
}
