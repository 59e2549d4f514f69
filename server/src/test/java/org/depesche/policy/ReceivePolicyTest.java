package org.depesche.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.limits.AccountSessions;
import org.depesche.limits.Allowances;
import org.depesche.limits.ConnectionGate;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.junit.jupiter.api.Test;

/// How mail that goes in circles is known, and what that costs.
class ReceivePolicyTest {

  private final List<Mailbox> asked = new ArrayList<>();

  private final ReceivePolicy policy =
      new ReceivePolicy(
          new ConnectionGate(new ConnectionGate.Limits(10, 0)),
          new Directory() {
            @Override
            public boolean isLocal(Domain domain) {
              return true;
            }

            @Override
            public Resolution resolve(Mailbox address) {
              asked.add(address);
              return new Resolution.Found(List.of(new Mailbox(address.localPart(), "here.test")));
            }
          },
          RelayRules.NONE,
          new SenderLimits(
              new Allowances(new Allowances.Limits(Map.of(), Map.of()), () -> Instant.EPOCH),
              new AccountSessions(),
              0,
              Map.of()),
          (_, _) -> 0);

  private static Envelope envelope(int recipients) {
    return new Envelope(
        NullPath.INSTANCE,
        IntStream.range(0, recipients)
            .mapToObj(i -> new Recipient(new Mailbox("u" + i, "alias.test")))
            .toList());
  }

  @Test
  void aMailboxThatHasHadItIsKnownByItsAddress() {
    assertThat(policy.isLoop(envelope(3), List.of("x@y.test", "U2@Here.Test"))).isTrue();
    assertThat(policy.isLoop(envelope(3), List.of("u2@alias.test", "u3@here.test"))).isFalse();
  }

  @Test
  void noRecipientIsLookedUpTwice() {
    assertThat(policy.isLoop(envelope(1000), Collections.nCopies(100, "x@y.test"))).isFalse();
    assertThat(asked).hasSize(1000);

    assertThat(policy.isLoop(envelope(1000), List.of())).isFalse();
    assertThat(asked).hasSize(1000);
  }
}
