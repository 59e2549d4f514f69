package org.depesche.sasl;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;

/// A value that ties an exchange to the TLS connection it runs on.
///
/// @param type its registered name
public record ChannelBinding(String type, byte[] data) {

  public static final String TLS_EXPORTER = "tls-exporter";
  public static final String TLS_SERVER_END_POINT = "tls-server-end-point";

  private static final String LABEL = "EXPORTER-Channel-Binding";
  private static final int EXPORTED = 32;
  private static final Pattern SIGNATURE = Pattern.compile("(MD5|SHA-?\\d+|SHA3-\\d+)WITH.+");

  public ChannelBinding {
    if (!type.matches("[A-Za-z0-9.-]{1,64}") || data.length == 0) {
      throw new IllegalArgumentException("not a channel binding: " + type);
    }
    data = data.clone();
  }

  /// The hash of the server's certificate; none for signatures without a single hash function, such
  /// as Ed25519 and RSASSA-PSS (RFC 5929 §4.1).
  public static Optional<ChannelBinding> serverEndPoint(X509Certificate certificate) {
    Matcher name = SIGNATURE.matcher(certificate.getSigAlgName().toUpperCase(Locale.ROOT));
    if (!name.matches()) {
      return Optional.empty();
    }
    String hash = name.group(1).replaceFirst("^SHA-?(?=\\d)", "SHA-");
    // RFC 5929 §4.1: MD5 and SHA-1 are replaced.
    String used = hash.equals("MD5") || hash.equals("SHA-1") ? "SHA-256" : hash;
    try {
      byte[] digest = MessageDigest.getInstance(used).digest(certificate.getEncoded());
      return Optional.of(new ChannelBinding(TLS_SERVER_END_POINT, digest));
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      return Optional.empty();
    }
  }

  /// The exported key of a TLS 1.3 session (RFC 9266 §2). Older TLS gives none: whether it had the
  /// extended master secret cannot be asked (RFC 9266 §4.2).
  public static Optional<ChannelBinding> exporter(ExtendedSSLSession session) {
    if (!session.getProtocol().equals("TLSv1.3")) {
      return Optional.empty();
    }
    try {
      byte[] key = session.exportKeyingMaterialData(LABEL, new byte[0], EXPORTED);
      return Optional.of(new ChannelBinding(TLS_EXPORTER, key));
    } catch (SSLException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }
}
