package org.depesche.tls;

import com.unboundid.asn1.ASN1Element;
import com.unboundid.asn1.ASN1Exception;
import com.unboundid.asn1.ASN1IA5String;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.util.ssl.cert.CertException;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SubjectAlternativeNameExtension;
import com.unboundid.util.ssl.cert.X509Certificate;
import com.unboundid.util.ssl.cert.X509CertificateExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.depesche.files.WholeFile;

/// A certificate nobody but we vouch for, made at the first start so that connections are encrypted
/// before anybody has got a better one.
public final class SelfSigned {

  private static final Duration LIFETIME = Duration.ofDays(3650);

  /// `[2] IA5String` in its implicit form.
  private static final byte DNS_NAME = (byte) 0x82;

  private SelfSigned() {}

  /// The file with certificate and key; made when it is needed and not there. Both in one, so that
  /// they cannot come apart.
  ///
  /// @param names DNS names it is for, the first one as its subject
  public static KeyPairFile at(
      Path file, List<String> names, InstantSource clock, SecureRandom random) {
    return new KeyPairFile(
        file, file, Optional.of(() -> makeMissing(file, names, clock.instant(), random)));
  }

  /// One at a time: a reload may need it while the start is making it.
  private static synchronized void makeMissing(
      Path file, List<String> names, Instant now, SecureRandom random) throws IOException {
    if (!KeyPairFile.isThere(file)) {
      WholeFile.replace(file, pem(names, now, random).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static String pem(List<String> names, Instant now, SecureRandom random)
      throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      KeyPair pair = generator.generateKeyPair();
      X509Certificate certificate =
          X509Certificate.generateSelfSignedCertificate(
              SignatureAlgorithmIdentifier.SHA_256_WITH_ECDSA,
              pair,
              new DN(new RDN("CN", names.getFirst())),
              now.minus(Duration.ofHours(1)).toEpochMilli(),
              now.plus(LIFETIME).toEpochMilli(),
              alternatives(names));
      return Pem.of("CERTIFICATE", certificate.getX509CertificateBytes())
          + Pem.of("PRIVATE KEY", pair.getPrivate().getEncoded());
    } catch (GeneralSecurityException | CertException | ASN1Exception e) {
      throw new IOException("no certificate can be made: " + e.getMessage(), e);
    }
  }

  /// RFC 5280 §4.2.1.6.
  private static X509CertificateExtension alternatives(List<String> names) throws ASN1Exception {
    List<ASN1Element> encoded = new ArrayList<>();
    for (String name : names) {
      encoded.add(new ASN1IA5String(DNS_NAME, name));
    }
    return new X509CertificateExtension(
        SubjectAlternativeNameExtension.SUBJECT_ALTERNATIVE_NAME_OID,
        false,
        new ASN1Sequence(encoded).encode());
  }
}
