package org.depesche.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A certificate chain and its key in PEM files, as every certificate authority and tool writes
/// them (RFC 7468). Both may be the same file.
///
/// @param chain the certificate, then those that vouch for it
/// @param ours makes them when they are missing, in one piece, so that nobody has to try whether
///   they belong together; empty for files of others
public record KeyPairFile(Path chain, Path key, Optional<Maker> ours) {

  /// Makes what is missing.
  @FunctionalInterface
  interface Maker {
    void make() throws IOException;
  }

  /// RFC 7468 §5, with what older tools write.
  private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "X509 CERTIFICATE");

  /// Files of others.
  public KeyPairFile(Path chain, Path key) {
    this(chain, key, Optional.empty());
  }

  /// What the files hold.
  ///
  /// @param chain our own first
  record Loaded(List<X509Certificate> chain, PrivateKey key) {
    Loaded {
      chain = List.copyOf(chain);
    }

    X509Certificate own() {
      return chain.getFirst();
    }
  }

  /// Reads them.
  ///
  /// @throws IOException when they cannot be read or do not belong together; the message names the
  ///   file
  Loaded load() throws IOException {
    if (ours.isPresent()) {
      ours.get().make();
    }
    List<X509Certificate> certificates = certificates();
    if (certificates.isEmpty()) {
      throw new IOException(chain + " has no certificate");
    }
    PublicKey open = certificates.getFirst().getPublicKey();
    PrivateKey secret = privateKey(open.getAlgorithm());
    if (ours.isEmpty() && !belongs(secret, open)) {
      throw new IOException("the key in " + key + " is not that of the certificate in " + chain);
    }
    return new Loaded(certificates, secret);
  }

  /// Whether they are ours, and still to be made or as we have made them by the look of it, so that
  /// it is early enough when they are needed.
  ///
  /// @throws IOException when they cannot be read
  boolean canWait() throws IOException {
    return ours.isPresent()
        && (!isThere(chain)
            || Pem.read(chain).stream()
                .map(Pem::label)
                .toList()
                .equals(List.of("CERTIFICATE", "PRIVATE KEY")));
  }

  /// What a crash has left without content is as good as missing.
  static boolean isThere(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > 0;
  }

  /// Our own certificate; read with its key.
  ///
  /// @throws IOException when they cannot be read or do not belong together
  public X509Certificate certificate() throws IOException {
    return load().own();
  }

  private List<X509Certificate> certificates() throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Pem pem : Pem.read(chain)) {
        if (CERTIFICATES.contains(pem.label())) {
          InputStream encoded = new ByteArrayInputStream(pem.content());
          found.add((X509Certificate) factory.generateCertificate(encoded));
        }
      }
      return found;
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw unreadable(chain, e);
    }
  }

  /// @param algorithm of the certificate, for which this is to be the key
  private PrivateKey privateKey(String algorithm) throws IOException {
    try {
      for (Pem pem : Pem.read(key)) {
        // RFC 7468 §10; the others are those of OpenSSL and §11.
        if (pem.label().equals("PRIVATE KEY")) {
          return pkcs8(pem.content(), algorithm);
        } else if (pem.label().endsWith(" PRIVATE KEY")) {
          return TraditionalKey.read(pem);
        }
      }
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw unreadable(key, e);
    }
    throw new IOException(key + " has no private key");
  }

  private PrivateKey pkcs8(byte[] content, String algorithm)
      throws IOException, GeneralSecurityException {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(content));
    } catch (InvalidKeySpecException e) {
      throw new IOException("it is no " + algorithm + " key, as that of the certificate", e);
    }
  }

  private static IOException unreadable(Path file, Exception e) {
    return new IOException(file + " cannot be read: " + e.getMessage(), e);
  }

  /// Signs something and looks whether the certificate agrees.
  private static boolean belongs(PrivateKey secret, PublicKey open) {
    String algorithm =
        switch (secret.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> secret.getAlgorithm();
        };
    byte[] something = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }
}
