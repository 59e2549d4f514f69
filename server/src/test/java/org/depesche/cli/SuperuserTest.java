package org.depesche.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is told not to be root.
class SuperuserTest {

  private static boolean isRoots(String uids) {
    return Superuser.isRoots(List.of("Name:\tjava", "Umask:\t0022", uids, "Gid:\t0\t0\t0\t0"));
  }

  @Test
  void theEffectiveUserCounts() {
    assertThat(isRoots("Uid:\t0\t0\t0\t0")).isTrue();
    assertThat(isRoots("Uid:\t1000\t0\t0\t0")).isTrue();
    assertThat(isRoots("Uid:\t0\t1000\t1000\t1000")).isFalse();
    assertThat(isRoots("Uid:\t998\t998\t998\t998")).isFalse();
  }

  @Test
  void whoSaysNothingIsNotRoot() {
    assertThat(isRoots("Uid:")).isFalse();
    assertThat(Superuser.isRoots(List.of())).isFalse();
  }
}
