package org.depesche.net;

import java.io.IOException;
import java.net.InetSocketAddress;

/// What a balancer says of the client it speaks for, in front of all the client says: the header of
/// the PROXY protocol, versions 1 (text) and 2 (binary), as HAProxy has published it.
///
/// It is read to its last octet and no further, so that what follows, TLS or not, is the client's.
public sealed interface ProxyHeader {

  /// A client is behind the balancer.
  ///
  /// @param client its address
  /// @param server where it has connected to
  record Proxied(InetSocketAddress client, InetSocketAddress server) implements ProxyHeader {}

  /// The balancer speaks for itself, or for something that has no address of the Internet: what the
  /// connection says of its ends holds.
  record Local() implements ProxyHeader {}

  /// Reads the header.
  ///
  /// @throws ProxyHeaderException when it is none, or is not there in time
  static ProxyHeader read(Connection connection) throws IOException {
    return new ProxyHeaderReader(connection).read();
  }
}
