package org.depesche.tls.acme;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How a certificate is obtained.
///
/// @param directory where the authority describes itself (RFC 8555 §7.1.1)
/// @param names what the certificate is for, as A-labels; the first is its subject
/// @param email whom the authority may write to
/// @param proof how it is shown that the names are ours
/// @param listen where the authority comes to look
/// @param trusted PEM file of who vouches for the authority's own HTTPS; without it those the JDK
///   knows
/// @param binding an account the authority knows from elsewhere
/// @param folder where account and certificate are kept
public record AcmeSettings(
    URI directory,
    List<String> names,
    Optional<String> email,
    Proof proof,
    List<InetSocketAddress> listen,
    Optional<Path> trusted,
    Optional<Binding> binding,
    Path folder) {

  public AcmeSettings {
    names = List.copyOf(names);
    listen = List.copyOf(listen);
  }

  /// Ways to show that a name is ours.
  public enum Proof {
    /// A page at port 80 (RFC 8555 §8.3).
    HTTP,
    /// A certificate at port 443 (RFC 8737).
    TLS_ALPN
  }

  /// External account binding (RFC 8555 §7.3.4).
  ///
  /// @param key file with the MAC key in base64url
  public record Binding(String keyId, Path key) {}
}
