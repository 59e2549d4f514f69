package org.depesche.tls.acme;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.depesche.files.WholeFile;
import org.depesche.tls.KeyPairFile;

/// The account's key and the certificate on disk, for nobody else to read.
final class AcmeFolder {

  private final Path folder;

  AcmeFolder(Path folder) {
    this.folder = folder;
  }

  /// The key of our account, in PEM.
  Path account() {
    return folder.resolve("account.pem");
  }

  /// Certificate and key in one file, so that they cannot come apart.
  KeyPairFile certificate() {
    Path file = folder.resolve("certificate.pem");
    return new KeyPairFile(file, file);
  }

  /// The certificate; empty when there is none yet.
  ///
  /// @throws IOException when it cannot be used
  Optional<X509Certificate> read() throws IOException {
    return Files.exists(certificate().chain())
        ? Optional.of(certificate().certificate())
        : Optional.empty();
  }

  /// Replaces a file; what was there stays until the new one is on the disk.
  void write(Path file, String pem) throws IOException {
    make();
    WholeFile.replace(file, octets(pem));
  }

  /// Replaces the certificate by one that can be used; by another one it is not.
  ///
  /// @throws IOException when it is no certificate with its key, or cannot be written
  void accept(String pem) throws IOException {
    make();
    WholeFile.replace(
        certificate().chain(),
        octets(pem),
        fresh -> {
          X509Certificate _ = new KeyPairFile(fresh, fresh).certificate();
        });
  }

  private static byte[] octets(String pem) {
    return pem.getBytes(StandardCharsets.US_ASCII);
  }

  private void make() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }
}
