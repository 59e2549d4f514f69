package org.depesche.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

// RFC 5802 §9
class DecoysTest {

  private static final Decoys DECOYS = new Decoys(Directory.SECRET, 4096);

  private static String challenge(String name, long seed) {
    SaslServer server =
        SaslServer.of("SCRAM-SHA-256", Directory.USERS.terms(Channel.OPEN, seed)).orElseThrow();
    SaslStep step = server.begin(Optional.of(("n,,n=" + name + ",r=abc").getBytes(UTF_8)));
    return new String(((SaslStep.Challenge) step).data(), UTF_8);
  }

  @Test
  void aStrangerIsAnsweredInTheSameForm() {
    String form = "r=abc[A-Za-z0-9+/]{24},s=[A-Za-z0-9+/]{22}==,i=4096";

    assertThat(challenge("user", 1)).matches(form);
    assertThat(challenge("stranger", 1)).matches(form);
  }

  @Test
  void aStrangersSaltIsTheSameEachTimeAndItsOwn() {
    String salt = challenge("stranger", 1).split(",")[1];

    assertThat(challenge("stranger", 2).split(",")[1]).isEqualTo(salt);
    assertThat(challenge("stranger", 2)).isNotEqualTo(challenge("stranger", 1));
    assertThat(challenge("other", 1).split(",")[1]).isNotEqualTo(salt);
  }

  @Test
  void theSecretAndTheHashMakeTheSalt() {
    ScramVerifier one = DECOYS.verifier(ScramHash.SHA_256, "stranger");

    assertThat(DECOYS.verifier(ScramHash.SHA_256, "stranger")).isEqualTo(one);
    assertThat(DECOYS.verifier(ScramHash.SHA_1, "stranger").salt()).isNotEqualTo(one.salt());
    assertThat(
            new Decoys("another secret, as long".getBytes(UTF_8), 4096)
                .verifier(ScramHash.SHA_256, "stranger"))
        .isNotEqualTo(one);
    assertThatThrownBy(() -> new Decoys(new byte[15], 4096))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
