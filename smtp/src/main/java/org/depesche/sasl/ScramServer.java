package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.depesche.sasl.ServerExchange.malformed;

import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// RFC 5802 and RFC 7677, with and without channel binding.
final class ScramServer implements ServerExchange {

  static final int NONCE_OCTETS = 18;

  /// What the server knows once it has sent its first message.
  ///
  /// @param identity nobody for a decoy
  private record Asked(
      ScramMessage.ClientFirst client,
      Optional<String> identity,
      ScramVerifier verifier,
      String nonce,
      String serverFirst) {}

  private final ScramHash hash;
  private final boolean bound;
  private final SaslServer.Terms terms;
  private final Supplier<String> nonces;
  private @Nullable Asked asked;
  private @Nullable SaslStep outcome;

  ScramServer(ScramHash hash, boolean bound, SaslServer.Terms terms) {
    this(hash, bound, terms, () -> nonce(terms.random()));
  }

  ScramServer(ScramHash hash, boolean bound, SaslServer.Terms terms, Supplier<String> nonces) {
    this.hash = hash;
    this.bound = bound;
    this.terms = terms;
    this.nonces = nonces;
  }

  @Override
  public SaslStep respond(byte[] response) {
    if (outcome != null) {
      // RFC 4422 §5: the signature went as a challenge, the client agrees with an empty response.
      return response.length == 0 ? outcome : malformed("more after the server's signature");
    }
    return asked == null ? first(response) : last(asked, response);
  }

  private SaslStep first(byte[] response) {
    Optional<ScramMessage.ClientFirst> parsed = ScramMessage.ClientFirst.parse(response);
    if (parsed.isEmpty()) {
      return malformed("no client-first-message by RFC 5802");
    }
    ScramMessage.ClientFirst client = parsed.get();
    Optional<String> mismatch = bindingMismatch(client.header());
    if (mismatch.isPresent()) {
      return new SaslStep.Failed(SaslFailure.CHANNEL_BINDING, mismatch.get());
    }
    // The decoy is made for those who exist too: it takes the same time.
    ScramVerifier decoy = terms.decoys().verifier(hash, client.name());
    return switch (terms.credentials().scram(hash, client.name())) {
      case ScramKeys.Known(String identity, ScramVerifier known) when known.hash() == hash ->
          ask(client, Optional.of(identity), known);
      case ScramKeys.Known _, ScramKeys.Unknown _ -> ask(client, Optional.empty(), decoy);
      case ScramKeys.Unavailable(String reason) ->
          new SaslStep.Failed(SaslFailure.TEMPORARY, reason);
    };
  }

  /// RFC 5802 §6
  private Optional<String> bindingMismatch(Gs2Header header) {
    if (header.binding().isPresent()) {
      if (!bound) {
        return Optional.of("channel binding without PLUS");
      }
      return header.binding().flatMap(terms.channel()::binding).isPresent()
          ? Optional.empty()
          : Optional.of("no channel binding of this type: " + header.binding().get());
    }
    if (bound) {
      return Optional.of("PLUS without channel binding");
    }
    // The client saw no PLUS where we offered it: somebody has changed the list.
    return header.flag() == 'y' && plusOffered()
        ? Optional.of("the client did not see our PLUS")
        : Optional.empty();
  }

  private boolean plusOffered() {
    return terms
        .offered()
        .contains(
            hash == ScramHash.SHA_1 ? Mechanism.SCRAM_SHA_1_PLUS : Mechanism.SCRAM_SHA_256_PLUS);
  }

  private SaslStep ask(
      ScramMessage.ClientFirst client, Optional<String> identity, ScramVerifier verifier) {
    String nonce = client.nonce() + nonces.get();
    String message =
        "r=%s,s=%s,i=%d".formatted(nonce, SaslText.base64(verifier.salt()), verifier.iterations());
    asked = new Asked(client, identity, verifier, nonce, message);
    return new SaslStep.Challenge(message.getBytes(UTF_8));
  }

  static String nonce(RandomGenerator random) {
    byte[] octets = new byte[NONCE_OCTETS];
    random.nextBytes(octets);
    return SaslText.base64(octets);
  }

  private SaslStep last(Asked known, byte[] response) {
    Optional<ScramMessage.ClientFinal> parsed = ScramMessage.ClientFinal.parse(response);
    if (parsed.isEmpty()) {
      return malformed("no client-final-message by RFC 5802");
    }
    ScramMessage.ClientFinal client = parsed.get();
    if (!client.nonce().equals(known.nonce())) {
      return malformed("the nonce is not the one that was sent");
    }
    if (!client.binding().equals(expectedBinding(known.client().header()))) {
      return new SaslStep.Failed(
          SaslFailure.CHANNEL_BINDING, "the client sees another header or another connection");
    }
    String messages =
        known.client().bare() + ',' + known.serverFirst() + ',' + client.withoutProof();
    boolean proven = proves(client.proof(), known.verifier(), messages.getBytes(UTF_8));
    Verification authenticated =
        proven && known.identity().isPresent()
            ? new Verification.Accepted(known.identity().get())
            : new Verification.Rejected(known.client().name() + ": wrong proof or unknown name");
    SaslStep end =
        ServerExchange.conclude(
            terms.credentials(), authenticated, known.client().header().authorizationId());
    if (!(end instanceof SaslStep.Done)) {
      return end;
    }
    outcome = end;
    byte[] signature = hash.hmac(known.verifier().serverKey(), messages.getBytes(UTF_8));
    return new SaslStep.Challenge(("v=" + SaslText.base64(signature)).getBytes(UTF_8));
  }

  /// RFC 5802 §6: the value of `c=` is built here and compared.
  private String expectedBinding(Gs2Header header) {
    byte[] data =
        header.binding().flatMap(terms.channel()::binding).map(b -> b.data()).orElse(new byte[0]);
    return SaslText.base64(ScramClient.joined(header.wire().getBytes(UTF_8), data));
  }

  /// RFC 5802 §3
  private boolean proves(byte[] proof, ScramVerifier verifier, byte[] messages) {
    byte[] clientKey = hash.hmac(verifier.storedKey(), messages);
    if (proof.length != clientKey.length) {
      return false;
    }
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= proof[i];
    }
    return MessageDigest.isEqual(hash.digest(clientKey), verifier.storedKey());
  }
}
