package org.depesche.tls;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/// A certificate chain and its key in PEM files, as every certificate authority and tool writes
/// them (RFC 7468). Both may be the same file.
///
/// @param chain the certificate, then those that vouch for it
public record KeyPairFile(Path chain, Path key) {

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
    List<X509Certificate> certificates = certificates();
    if (certificates.isEmpty()) {
      throw new IOException(chain + " has no certificate");
    }
    PrivateKey secret = privateKey();
    if (!belongs(secret, certificates.getFirst())) {
      throw new IOException("the key in " + key + " is not that of the certificate in " + chain);
    }
    return new Loaded(certificates, secret);
  }

  /// Our own certificate; read with its key.
  ///
  /// @throws IOException when they cannot be read or do not belong together
  public X509Certificate certificate() throws IOException {
    return load().own();
  }

  private List<X509Certificate> certificates() throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(chain);
        PEMParser parser = new PEMParser(reader)) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
        if (each instanceof X509CertificateHolder holder) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(
                      new java.io.ByteArrayInputStream(holder.getEncoded())));
        }
      }
      return found;
    } catch (GeneralSecurityException | IOException e) {
      throw unreadable(chain, e);
    }
  }

  private PrivateKey privateKey() throws IOException {
    try (Reader reader = Files.newBufferedReader(key);
        PEMParser parser = new PEMParser(reader)) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
        switch (each) {
          case PrivateKeyInfo info -> {
            return converter.getPrivateKey(info);
          }
          case PEMKeyPair pair -> {
            return converter.getPrivateKey(pair.getPrivateKeyInfo());
          }
          case PKCS8EncryptedPrivateKeyInfo _ ->
              throw new IOException("the key is encrypted; a server cannot ask for its password");
          default -> {}
        }
      }
    } catch (IOException e) {
      throw unreadable(key, e);
    }
    throw new IOException(key + " has no private key");
  }

  private static IOException unreadable(Path file, Exception e) {
    return new IOException(file + " cannot be read: " + e.getMessage(), e);
  }

  /// Signs something and looks whether the certificate agrees.
  private static boolean belongs(PrivateKey secret, X509Certificate certificate) {
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
      signature.initVerify(certificate.getPublicKey());
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }
}
