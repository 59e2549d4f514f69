package org.depesche.message;

import java.net.InetAddress;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.depesche.mail.Mailbox;

/// One transfer of a message from host to host, as its Received field tells it (RFC 5321 §4.4).
///
/// @param helo what the client called itself; not trusted
/// @param peer where it really came from; empty when that is nobody's business, and then `helo` is
///   not told either
/// @param by our host name
/// @param protocol such as `ESMTP` (RFC 3848, RFC 6531 §4.3)
/// @param tls version and cipher; empty for none
/// @param id names the message here
/// @param recipient the recipient when there is one only, so that none learns of another
/// @param at when it arrived
public record Hop(
    String helo,
    Optional<InetAddress> peer,
    String by,
    String protocol,
    Optional<String> tls,
    String id,
    Optional<Mailbox> recipient,
    ZonedDateTime at) {}
