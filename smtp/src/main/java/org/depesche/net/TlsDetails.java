package org.depesche.net;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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

  /// SHA-256 of the certificate the peer has shown, in lower-case hexadecimal; empty for none.
  public Optional<String> peerFingerprint() {
    return peer.isEmpty() ? Optional.empty() : Optional.of(fingerprint(peer.getFirst()));
  }

  /// SHA-256 of a certificate, in lower-case hexadecimal.
  public static String fingerprint(Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  /// For logs and trace fields: `TLSv1.3 TLS_AES_128_GCM_SHA256`.
  @Override
  public String toString() {
    return protocol + " " + cipher;
  }
}
