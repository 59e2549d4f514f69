package org.depesche.delivery.smtp;

import java.time.Duration;
import java.util.function.Function;
import org.depesche.net.TlsEngines;
import org.depesche.routing.Route;
import org.depesche.routing.TlsUse;

/// TLS to other servers.
///
/// @param use how much of it a route wants
/// @param opportunistic engines that believe every certificate
/// @param verifying engines that want a good one
/// @param handshake how long a handshake may take
public record Encryption(
    Function<Route, TlsUse> use,
    TlsEngines opportunistic,
    TlsEngines verifying,
    Duration handshake) {}
