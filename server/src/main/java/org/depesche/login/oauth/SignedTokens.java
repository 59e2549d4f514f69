package org.depesche.login.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.List;

/// Tokens that are JWTs (RFC 7519), signed by a key of the provider.
final class SignedTokens implements Tokens {

  private final KeySet keys;
  private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

  SignedTokens(KeySet keys) {
    this.keys = keys;
  }

  @Override
  public Finding examine(String token) throws UnavailableException {
    SignedJWT jwt;
    try {
      jwt = SignedJWT.parse(token);
    } catch (ParseException | IllegalArgumentException _) {
      return new Refused("no signed JWT");
    }
    JWSHeader header = jwt.getHeader();
    JWSAlgorithm algorithm = header.getAlgorithm();
    // RFC 8725 §3.1: by keys that everybody knows nobody proves anything with an HMAC.
    if (!JWSAlgorithm.Family.RSA.contains(algorithm)
        && !JWSAlgorithm.Family.EC.contains(algorithm)) {
      return new Refused("a token signed by " + algorithm);
    }
    List<JWK> fitting = keys.matching(new JWKSelector(JWKMatcher.forJWSHeader(header)));
    for (JWK key : fitting) {
      if (isSignedBy(jwt, key)) {
        return claims(jwt);
      }
    }
    return new Refused(
        fitting.isEmpty()
            ? "a token by key " + header.getKeyID() + ", which is none of the provider's"
            : "a token with a wrong signature");
  }

  private boolean isSignedBy(SignedJWT jwt, JWK key) {
    try {
      return key instanceof AsymmetricJWK pair
          && jwt.verify(verifiers.createJWSVerifier(jwt.getHeader(), pair.toPublicKey()));
    } catch (JOSEException | IllegalStateException _) {
      return false;
    }
  }

  private static Finding claims(SignedJWT jwt) {
    try {
      var values = new java.util.HashMap<>(jwt.getPayload().toJSONObject());
      values.values().removeIf(java.util.Objects::isNull);
      return new Genuine(new Claims(values));
    } catch (RuntimeException _) {
      return new Refused("a token whose content is no JSON object");
    }
  }
}
