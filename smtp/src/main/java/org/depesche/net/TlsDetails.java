package org.depesche.net;

import java.security.cert.Certificate;
import java.util.List;

/// What came out of a handshake.
///
/// @param protocol `TLSv1.3` or `TLSv1.2`
/// @param cipher the cipher suite by its IANA name
/// @param serverName the name the client asked for (SNI); empty for none
/// @param peer the certificates the peer has shown, its own first; empty for none
/// @param own the certificates we have shown, our own first; empty for none
/// @param exporter makes channel bindings
public record TlsDetails(
    String protocol,
    String cipher,
    String serverName,
    List<Certificate> peer,
    List<Certificate> own,
    Exporter exporter) {

  public TlsDetails {
    peer = List.copyOf(peer);
    own = List.copyOf(own);
  }

  /// Keying material of the session (RFC 5705, RFC 8446 §7.5).
  @FunctionalInterface
  public interface Exporter {

    /// The material for a label; empty when this TLS implementation gives none.
    byte[] export(String label, int length);
  }

  /// For logs and trace fields: `TLSv1.3 TLS_AES_128_GCM_SHA256`.
  @Override
  public String toString() {
    return protocol + " " + cipher;
  }
}
