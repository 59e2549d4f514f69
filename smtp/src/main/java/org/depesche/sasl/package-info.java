/// SASL mechanisms (RFC 4422) as challenge and response, both sides: bytes in, a step out, nothing
/// of sockets, lines or base64. [org.depesche.sasl.SaslServer] asks
/// [org.depesche.sasl.Credentials]; [org.depesche.sasl.SaslClient] takes the strongest mechanism
/// that both know.
@NullMarked
package org.depesche.sasl;

import org.jspecify.annotations.NullMarked;
