package org.depesche.limits;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Which sessions of an account may send.
class AccountSessionsTest {

  private final AccountSessions sessions = new AccountSessions(2);

  @Test
  void theFirstOnesMayAndTheNextWhenOneHasEnded() {
    sessions.began("ann", "1");
    sessions.began("ann", "2");
    sessions.began("ann", "3");
    sessions.began("ben", "4");

    assertThat(sessions.maySend("ann", "1")).isTrue();
    assertThat(sessions.maySend("ann", "2")).isTrue();
    assertThat(sessions.maySend("ann", "3")).isFalse();
    assertThat(sessions.maySend("ben", "4")).isTrue();
    sessions.ended("1");
    assertThat(sessions.maySend("ann", "3")).isTrue();
    sessions.limit(0);
    sessions.began("ann", "5");
    assertThat(sessions.maySend("ann", "5")).isTrue();
  }

  @Test
  void aSessionThatLogsInAgainCountsOnce() {
    sessions.limit(1);
    sessions.began("ann", "1");
    sessions.began("ann", "1");
    sessions.began("ben", "1");
    sessions.began("ann", "2");

    assertThat(sessions.maySend("ann", "2")).isTrue();
    assertThat(sessions.maySend("ben", "1")).isTrue();
    sessions.ended("1");
    sessions.ended("never was");
    sessions.began("ben", "3");
    assertThat(sessions.maySend("ben", "3")).isTrue();
  }
}
