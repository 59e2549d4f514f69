package org.depesche.net;

import javax.net.ssl.SSLEngine;

/// Where TLS comes from: makes an engine for each connection, with keys, trust and settings inside.
/// The one seam between our connections and a TLS implementation. Safe for use by many threads.
public interface TlsEngines {

  /// An engine for a connection that a client has made to us.
  SSLEngine server();

  /// An engine for a connection to a server; engines that are for listeners have none.
  ///
  /// @param host the name that goes into SNI (RFC 6066 §3) and that a certificate is checked
  ///   against where these engines check; an address goes into neither
  default SSLEngine client(String host, int port) {
    throw new UnsupportedOperationException("these engines are for listeners");
  }

  /// The connection of an engine has ended; called once for each, by any thread.
  default void release(SSLEngine engine) {}
}
