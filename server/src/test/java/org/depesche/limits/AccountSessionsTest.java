package org.depesche.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Which sessions of an account may send.
class AccountSessionsTest {

  private final AccountSessions sessions = new AccountSessions();

  @Test
  void theFirstOnesMayAndTheNextWhenOneHasEnded() {
    sessions.began(List.of("ann"), "1");
    sessions.began(List.of("ann"), "2");
    sessions.began(List.of("ann"), "3");
    sessions.began(List.of("ben"), "4");

    assertThat(sessions.maySend("ann", "1", 2)).isTrue();
    assertThat(sessions.maySend("ann", "2", 2)).isTrue();
    assertThat(sessions.maySend("ann", "3", 2)).isFalse();
    assertThat(sessions.maySend("ben", "4", 2)).isTrue();
    sessions.ended("1");
    assertThat(sessions.maySend("ann", "3", 2)).isTrue();
    sessions.began(List.of("ann"), "5");
    assertThat(sessions.maySend("ann", "5", 0)).as("no limit").isTrue();
  }

  @Test
  void aSessionThatLogsInAgainCountsOnce() {
    sessions.began(List.of("ann"), "1");
    sessions.began(List.of("ann"), "1");
    sessions.began(List.of("ben"), "1");
    sessions.began(List.of("ann"), "2");

    assertThat(sessions.maySend("ann", "2", 1)).isTrue();
    assertThat(sessions.maySend("ben", "1", 1)).isTrue();
    sessions.ended("1");
    sessions.ended("never was");
    sessions.began(List.of("ben"), "3");
    assertThat(sessions.maySend("ben", "3", 1)).isTrue();
  }

  @Test
  void aSessionOfAProgramCountsForItsAccountToo() {
    sessions.began(List.of("ann", "ann crm"), "1");
    sessions.began(List.of("ann", "ann crm"), "2");
    sessions.began(List.of("ann"), "3");

    assertThat(sessions.maySend("ann crm", "1", 1)).isTrue();
    assertThat(sessions.maySend("ann crm", "2", 1)).isFalse();
    assertThat(sessions.maySend("ann", "3", 2)).isFalse();
    sessions.ended("1");
    assertThat(sessions.maySend("ann crm", "2", 1)).isTrue();
    assertThat(sessions.maySend("ann", "3", 2)).isTrue();
  }
}
