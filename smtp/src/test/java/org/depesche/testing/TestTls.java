package org.depesche.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.depesche.net.JdkEngines;
import org.depesche.net.TlsEngines;

/// TLS of `mx.test`, and clients that trust it.
public final class TestTls {

  private static final Path STORE = Path.of("src/test/resources/tls/mx.test.p12");
  private static final char[] PASSWORD = "tls-tests".toCharArray();

  private TestTls() {}

  /// Both sides.
  ///
  /// @param verify whether a client looks for the server's name in the certificate
  public static TlsEngines engines(boolean verify) throws IOException {
    return new JdkEngines(context(), false, verify);
  }

  /// The JDK's own view of it, for clients that do what ours would not.
  public static SSLContext context() throws IOException {
    try (InputStream in = Files.newInputStream(STORE)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD);
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, PASSWORD);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
