package org.depesche.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.depesche.config.Settings;
import org.depesche.files.WholeFile;

/// The folder of all that the server keeps, and what is where in it.
public record DataFolder(Path path) {

  private static final int SECRET_OCTETS = 32;

  /// Where the settings have it.
  public static DataFolder of(Settings settings) {
    return new DataFolder(settings.dataFolder());
  }

  /// Makes it where it is missing, for nobody else to look into.
  DataFolder make() throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return this;
  }

  /// What nobody else knows, the same after a restart.
  byte[] secret(SecureRandom random) throws IOException {
    Path file = path.resolve("secret");
    if (!Files.exists(file)) {
      byte[] made = new byte[SECRET_OCTETS];
      random.nextBytes(made);
      WholeFile.replace(file, made);
    }
    byte[] kept = Files.readAllBytes(file);
    if (kept.length != SECRET_OCTETS) {
      throw new IOException(file + " does not have " + SECRET_OCTETS + " octets; remove it");
    }
    return kept;
  }

  /// The segments of the spool.
  public Path spool() {
    return path.resolve("spool");
  }

  /// What attempts were under way.
  Path intents() {
    return path.resolve("intents");
  }

  /// Destinations that an operator has suspended.
  Path suspended() {
    return path.resolve("suspended");
  }

  /// How much of what they may send senders have used.
  Path allowances() {
    return path.resolve("allowances");
  }

  /// When application passwords were used.
  public Path lastUses() {
    return path.resolve("last-uses");
  }

  /// The certificate made for want of another.
  Path selfSigned() {
    return path.resolve("self-signed.pem");
  }

  /// What authorities know us by and have given us.
  Path acme() {
    return path.resolve("acme");
  }
}
