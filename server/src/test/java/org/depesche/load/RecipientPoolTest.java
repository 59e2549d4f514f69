package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.junit.jupiter.api.Test;

class RecipientPoolTest {

  private static List<String> names(RecipientPool pool, long number, int count) {
    return pool.of(number, count).stream().map(Recipient::address).map(Mailbox::localPart).toList();
  }

  @Test
  void addressesTakeTurns() {
    RecipientPool pool = new RecipientPool(List.of("a@x.test", "b@x.test", "c@x.test"));

    assertThat(pool.size()).isEqualTo(3);
    assertThat(names(pool, 0, 2)).containsExactly("a", "b");
    assertThat(names(pool, 1, 2)).containsExactly("c", "a");
  }

  @Test
  void aRangeStandsForAllOfIt() {
    RecipientPool pool = new RecipientPool(List.of("a@x.test", "u{8-11}.x@x.test"));

    assertThat(pool.size()).isEqualTo(5);
    assertThat(names(pool, 0, 5)).containsExactly("a", "u8.x", "u9.x", "u10.x", "u11.x");
  }

  @Test
  void aNumberHasNoEnd() {
    RecipientPool pool = new RecipientPool(List.of("u{n}@x.test"));

    assertThat(names(pool, 1_000_000, 2)).containsExactly("u2000000", "u2000001");
  }

  @Test
  void mistakesAreToldBeforeAnythingIsSent() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RecipientPool(List.of("u{n}")))
        .withMessage("not an address: u0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RecipientPool(List.of("u{9-1}@x.test")))
        .withMessage("not a range: u{9-1}@x.test");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RecipientPool(List.of("u{n}@x.test", "b@x.test")))
        .withMessage("nobody comes after u{n}@x.test");
  }
}
