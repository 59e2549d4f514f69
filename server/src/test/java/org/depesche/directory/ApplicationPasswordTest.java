package org.depesche.directory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.depesche.directory.password.NewPassword;
import org.junit.jupiter.api.Test;

/// Passwords for single programs.
class ApplicationPasswordTest {

  @Test
  void onlyADigestIsKept() {
    String password = NewPassword.random(new Random(3));
    ApplicationPassword kept =
        ApplicationPassword.of("printer", password, Instant.EPOCH, SendingLimits.NONE);

    assertThat(password).matches("([a-z2-9]{4}-){4}[a-z2-9]{4}");
    assertThat(kept.toString()).doesNotContain(password);
    assertThat(kept.matches(password.getBytes(UTF_8))).isTrue();
    assertThat(kept.matches((password + "x").getBytes(UTF_8))).isFalse();
    assertThat(kept.matches(kept.digest().getBytes(UTF_8))).isFalse();
  }

  @Test
  void namesAreWords() {
    assertThat(ApplicationPassword.isName("crm-2.test")).isTrue();
    assertThat(ApplicationPassword.isName("")).isFalse();
    assertThat(ApplicationPassword.isName("a b")).isFalse();
    assertThat(ApplicationPassword.isName("x".repeat(65))).isFalse();
  }
}
