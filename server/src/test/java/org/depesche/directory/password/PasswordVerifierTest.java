package org.depesche.directory.password;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.depesche.directory.password.PasswordVerifier.Outcome;
import org.junit.jupiter.api.Test;

class PasswordVerifierTest {

  private static final Duration SOME_TIME = Duration.ofMinutes(1);
  private static final String CHEAP =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

  private final PasswordVerifier verifier =
      new PasswordVerifier(Runnable::run, 2, SOME_TIME, CHEAP);

  private Outcome verify(Optional<String> kept, String password) {
    return verifier.verify(kept, password.getBytes(UTF_8));
  }

  @Test
  void theRightPasswordMatches() {
    assertThat(verify(Optional.of(CHEAP), "password")).isEqualTo(new Outcome.Match());
    assertThat(verify(Optional.of(CHEAP), "Password")).isEqualTo(new Outcome.Mismatch());
    assertThat(verify(Optional.of(CHEAP), "")).isEqualTo(new Outcome.Mismatch());
  }

  @Test
  void strangersMatchNothingNotEvenTheDecoysPassword() {
    assertThat(verify(Optional.empty(), "password")).isEqualTo(new Outcome.Mismatch());
  }

  @Test
  void whatCannotBeReadIsToldAndMatchesNothing() {
    assertThat(verify(Optional.of("plain text"), "plain text"))
        .isEqualTo(new Outcome.Unreadable("no hash of a known kind"));
  }

  @Test
  void passwordsArePreparedBeforeTheyAreCompared() {
    String kept = NewPassword.argon2id("gr\u00fc\u00dfe", new SplittableRandom(1));

    assertThat(verify(Optional.of(kept), "gru\u0308\u00dfe")).isEqualTo(new Outcome.Match());
  }

  @Test
  void oneBeyondTheBoundIsBusyAndTheTurnComesBack() throws Exception {
    Queue<Runnable> begun = new ArrayDeque<>();
    CountDownLatch taken = new CountDownLatch(1);
    PasswordVerifier one =
        new PasswordVerifier(
            task -> {
              begun.add(task);
              taken.countDown();
            },
            1,
            Duration.ZERO,
            CHEAP);
    try (ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = sessions.submit(() -> one.verify(Optional.of(CHEAP), "password".getBytes(UTF_8)));
      taken.await();

      assertThat(one.verify(Optional.of(CHEAP), "password".getBytes(UTF_8)))
          .isEqualTo(new Outcome.Busy());

      begun.remove().run();
      assertThat(first.get()).isEqualTo(new Outcome.Match());
    }
  }

  @Test
  void neverMoreThanTheBoundAtOnce() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService threads = Executors.newCachedThreadPool();
        ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
      PasswordVerifier three =
          new PasswordVerifier(
              task ->
                  threads.execute(
                      () -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        running.decrementAndGet();
                        task.run();
                      }),
              3,
              SOME_TIME,
              CHEAP);
      var all =
          IntStream.range(0, 60)
              .mapToObj(
                  i ->
                      sessions.submit(
                          () -> three.verify(Optional.of(CHEAP), "password".getBytes(UTF_8))))
              .toList();
      for (var each : all) {
        assertThat(each.get()).isEqualTo(new Outcome.Match());
      }
    }

    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  void aServerThatStopsIsBusy() {
    ExecutorService stopped = Executors.newSingleThreadExecutor();
    stopped.shutdown();
    PasswordVerifier late = new PasswordVerifier(stopped, 1, SOME_TIME, CHEAP);

    assertThat(late.verify(Optional.of(CHEAP), "password".getBytes(UTF_8)))
        .isEqualTo(new Outcome.Busy());
  }

  @Test
  void someoneInterruptedWhileWaitingIsBusy() {
    Thread.currentThread().interrupt();

    assertThat(verify(Optional.of(CHEAP), "password")).isEqualTo(new Outcome.Busy());
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theDecoyHasToBeAHash() {
    assertThatThrownBy(() -> new PasswordVerifier(Runnable::run, 1, SOME_TIME, "secret"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }
}
