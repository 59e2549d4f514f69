package org.depesche.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Certificates and keys are read as OpenSSL writes them and wrote them.
class KeyPairFileTest {

  @TempDir Path folder;

  private static Path file(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(KeyPairFileTest.class.getResource("/tls/" + name)).toURI());
  }

  private static KeyPairFile files(String chain, String key) throws URISyntaxException {
    return new KeyPairFile(file(chain), file(key));
  }

  @ParameterizedTest
  @CsvSource({
    "rsa.crt, rsa.key, RSA",
    "rsa.crt, rsa-traditional.key, RSA",
    "ec.crt, ec.key, EC",
    "ec.crt, ec-traditional.key, EC",
    "ed25519.crt, ed25519.key, EdDSA",
  })
  void readsEveryKindOfKey(String chain, String key, String algorithm) throws Exception {
    KeyPairFile.Loaded loaded = files(chain, key).load();

    assertThat(loaded.chain()).hasSize(1);
    assertThat(loaded.key().getAlgorithm()).matches(algorithm + "|ECDSA");
  }

  /// RFC 7468 §2.
  @Test
  void readsAChainWithExplanationsAndItsKeyInOneFile() throws Exception {
    String chain = Files.readString(file("ec-explained.crt"));
    Path all =
        Files.writeString(
            folder.resolve("all.pem"),
            chain.replace("\n", "\r\n") + Files.readString(file("ec.key")));

    KeyPairFile.Loaded loaded = new KeyPairFile(all, all).load();

    assertThat(loaded.chain()).hasSize(2);
    assertThat(loaded.own().getSubjectX500Principal().getName()).isEqualTo("CN=ec.test");
  }

  @ParameterizedTest
  @CsvSource({"ec.crt, ec-encrypted.key", "rsa.crt, rsa-traditional-encrypted.key"})
  void saysThatAKeyIsEncrypted(String chain, String key) throws Exception {
    assertThatThrownBy(() -> files(chain, key).load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("the key is encrypted");
  }

  @Test
  void saysThatAKeyIsOfAnotherKind() {
    assertThatThrownBy(() -> files("ec.crt", "rsa.key").load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "rsa.key cannot be read: it is no EC key, as that of the certificate");
  }

  @ParameterizedTest
  @CsvSource({
    "-----BEGIN PRIVATE KEY-----, -----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----, -----END RSA PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----, -----END EC PRIVATE KEY-----",
  })
  void saysThatAKeyIsNonsense(String begin, String end) throws Exception {
    Path nonsense = Files.writeString(folder.resolve("n.key"), begin + "\nAAAA\n" + end + "\n");

    assertThatThrownBy(() -> new KeyPairFile(file("ec.crt"), nonsense).load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("n.key cannot be read");
  }

  @Test
  void saysThatACertificateIsNonsense() throws Exception {
    Path nonsense =
        Files.writeString(
            folder.resolve("n.crt"),
            "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n");

    assertThatThrownBy(() -> new KeyPairFile(nonsense, file("ec.key")).load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("n.crt cannot be read");
  }
}
