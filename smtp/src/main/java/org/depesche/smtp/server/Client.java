package org.depesche.smtp.server;

import java.net.InetSocketAddress;
import java.time.Instant;

/// Who is talking to us, as far as the session knows by now.
///
/// @param sessionId names the session in logs
/// @param listener the role's name, such as `mx`
/// @param remote the peer's address
/// @param local our end
/// @param connectedAt when the connection was accepted
/// @param helo the argument of HELO or EHLO; empty before it
/// @param protocol the value of the Received field's `with` clause (RFC 3848, RFC 6531 §4.3)
public record Client(
    String sessionId,
    String listener,
    InetSocketAddress remote,
    InetSocketAddress local,
    Instant connectedAt,
    String helo,
    String protocol) {

  Client named(String otherHelo, String otherProtocol) {
    return new Client(sessionId, listener, remote, local, connectedAt, otherHelo, otherProtocol);
  }
}
