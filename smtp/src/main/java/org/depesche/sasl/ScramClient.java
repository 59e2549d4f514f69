package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.depesche.sasl.ClientExchange.malformed;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// RFC 5802 and RFC 7677, the client's side. Name and password are prepared already.
final class ScramClient implements ClientExchange {

  private final ScramHash hash;
  private final String password;
  private final Gs2Header header;
  private final byte[] bindingData;
  private final String nonce;
  private final String bare;
  private byte @Nullable [] signature;
  private boolean proven;

  ScramClient(
      ScramHash hash,
      String name,
      String password,
      Gs2Header header,
      byte[] bindingData,
      String nonce) {
    this.hash = hash;
    this.password = password;
    this.header = header;
    this.bindingData = bindingData;
    this.nonce = nonce;
    this.bare = "n=" + Gs2Header.escaped(name) + ",r=" + nonce;
  }

  @Override
  public Optional<byte[]> initial() {
    return Optional.of((header.wire() + bare).getBytes(UTF_8));
  }

  @Override
  public ClientStep respond(byte[] challenge) {
    if (proven) {
      return malformed("more after the server's signature");
    }
    return signature == null ? prove(challenge) : check(signature, challenge);
  }

  private ClientStep prove(byte[] challenge) {
    Optional<ScramMessage.ServerFirst> parsed = ScramMessage.ServerFirst.parse(challenge);
    if (parsed.isEmpty()) {
      return malformed("no server-first-message by RFC 5802");
    }
    ScramMessage.ServerFirst server = parsed.get();
    // RFC 5802 §5.1
    if (!server.nonce().startsWith(nonce) || server.nonce().length() == nonce.length()) {
      return malformed("the server's nonce does not continue ours");
    }
    // RFC 5802 §9: few iterations give the password away, many keep the client busy.
    if (server.iterations() < ScramVerifier.MIN_ITERATIONS
        || server.iterations() > ScramVerifier.MAX_ITERATIONS) {
      return malformed("the server asks for " + server.iterations() + " iterations");
    }
    String withoutProof =
        "c="
            + SaslText.base64(joined(header.wire().getBytes(UTF_8), bindingData))
            + ",r="
            + server.nonce();
    byte[] messages = (bare + ',' + server.wire() + ',' + withoutProof).getBytes(UTF_8);
    byte[] salted = hash.salted(password.getBytes(UTF_8), server.salt(), server.iterations());
    byte[] proof = hash.hmac(salted, "Client Key".getBytes(UTF_8));
    byte[] clientSignature = hash.hmac(hash.digest(proof), messages);
    for (int i = 0; i < proof.length; i++) {
      proof[i] ^= clientSignature[i];
    }
    signature = hash.hmac(hash.hmac(salted, "Server Key".getBytes(UTF_8)), messages);
    return new ClientStep.Response((withoutProof + ",p=" + SaslText.base64(proof)).getBytes(UTF_8));
  }

  private ClientStep check(byte[] expected, byte[] challenge) {
    Optional<ScramMessage.ServerFinal> parsed = ScramMessage.ServerFinal.parse(challenge);
    if (parsed.isEmpty()) {
      return malformed("no server-final-message by RFC 5802");
    }
    if (parsed.get().error().isPresent()) {
      return new ClientStep.Failed(
          SaslFailure.BAD_CREDENTIALS, "the server says " + parsed.get().error().get());
    }
    proven = MessageDigest.isEqual(expected, parsed.get().signature());
    return proven ? new ClientStep.Response(new byte[0]) : notProven();
  }

  /// RFC 5802 §5: without the right signature the exchange has failed, whatever the server says.
  @Override
  public Optional<ClientStep.Failed> accepted() {
    return proven ? Optional.empty() : Optional.of(notProven());
  }

  private static ClientStep.Failed notProven() {
    return new ClientStep.Failed(
        SaslFailure.SERVER_NOT_PROVEN, "the server has not shown that it knows the password");
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
