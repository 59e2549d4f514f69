package org.depesche.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.depesche.net.TlsEngines;
import org.depesche.sasl.ClientCredentials;
import org.depesche.smtp.client.Capability;

/// The server, and how it is spoken to.
///
/// @param helo our name; empty for the address of our end
/// @param engines for TLS; not asked for any where there is none
/// @param credentials to log in with; empty for no login
/// @param without extensions that are not used, though they may be offered
/// @param patience how long to wait for a connection, a handshake, an answer
public record Target(
    InetSocketAddress server,
    String helo,
    Encryption encryption,
    TlsEngines engines,
    Optional<ClientCredentials> credentials,
    Set<Capability> without,
    Duration patience) {

  /// When TLS begins.
  public enum Encryption {
    NONE,
    /// RFC 3207
    STARTTLS,
    /// With the connection (RFC 8314 §3).
    IMPLICIT
  }

  public Target {
    without = Set.copyOf(without);
  }
}
