package org.depesche.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class EnvelopeIdTest {

  @Test
  void textReadsBackAndSortsLikeTheNumber() {
    EnvelopeId early = EnvelopeId.firstAt(1_790_000_000_000L);
    EnvelopeId late = EnvelopeId.next(early.value(), 1_790_000_000_001L);

    assertThat(EnvelopeId.parse(early.toString())).isEqualTo(early);
    assertThat(late.toString()).isGreaterThan(early.toString()).hasSize(13);
    assertThat(late.epochMillis()).isEqualTo(1_790_000_000_001L);
  }

  @Test
  void growsWhenTheClockStandsStillOrGoesBack() {
    EnvelopeId first = EnvelopeId.next(0, 1_790_000_000_000L);

    assertThat(EnvelopeId.next(first.value(), 1_790_000_000_000L)).isGreaterThan(first);
    assertThat(EnvelopeId.next(first.value(), 1_700_000_000_000L)).isGreaterThan(first);
  }

  @Test
  void refusesWhatIsNoId() {
    assertThatThrownBy(() -> EnvelopeId.parse("short"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EnvelopeId.parse("../../etc/pas"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EnvelopeId.parse("zzzzzzzzzzzzz"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
