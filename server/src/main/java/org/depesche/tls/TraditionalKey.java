package org.depesche.tls;

import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/// Private keys as OpenSSL wrote them before it wrote PKCS #8: `RSA PRIVATE KEY` and `EC PRIVATE
/// KEY`. Apart from `KeyPairFile`, because Bouncy Castle's signed archives take their time at a
/// start, and few need them there.
final class TraditionalKey {

  private TraditionalKey() {}

  /// @throws IOException when it is not such a key, or is encrypted
  static PrivateKey read(Pem pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem.text()))) {
      if (parser.readObject() instanceof PEMKeyPair pair) {
        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
      }
    }
    throw new IOException("the key is encrypted; a server cannot ask for its password");
  }
}
