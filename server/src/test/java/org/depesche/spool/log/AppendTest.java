package org.depesche.spool.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.depesche.spool.SpoolException;
import org.depesche.spool.SpoolException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whoever waits for a group is never told yes when it has failed, however close the end of the
/// waiting and the end of the group come together.
@Timeout(20)
class AppendTest {

  private static class Group extends Append {

    @Override
    List<Part> parts() {
      return List.of();
    }

    @Override
    void published(Segment segment, int[] offsets) {
      throw new IllegalStateException("never written");
    }
  }

  private static Kind awaited(Append group, Duration most) {
    try {
      group.await(most);
      throw new AssertionError("taken for success");
    } catch (SpoolException e) {
      return e.kind();
    }
  }

  /// Fails a group while somebody waits for it who is disturbed in the middle of that.
  private static Kind failedWhile(Duration most, boolean interrupted) throws Exception {
    AtomicReference<Thread> waiter = new AtomicReference<>(Thread.currentThread());
    AtomicReference<Kind> answer = new AtomicReference<>(Kind.SLOW);
    Append group =
        new Group() {
          @Override
          void failed(SpoolException why) {
            Thread waiting = waiter.get();
            if (interrupted) {
              waiting.interrupt();
            }
            // It cannot give up any more, and has turned to waiting without an end.
            while (waiting.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          }
        };
    assertThat(group.take()).isTrue();
    Thread waiting = Thread.ofPlatform().unstarted(() -> answer.set(awaited(group, most)));
    waiter.set(waiting);
    waiting.start();
    while (waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    group.fail(new SpoolException(Kind.FULL, "no space"));
    waiting.join();
    return answer.get();
  }

  @Test
  void aFailureIsHeardByWhoIsInterrupted() throws Exception {
    assertThat(failedWhile(Duration.ofSeconds(20), true)).isEqualTo(Kind.FULL);
  }

  @Test
  void aFailureIsHeardByWhoseTimeIsOver() throws Exception {
    assertThat(failedWhile(Duration.ofSeconds(1), false)).isEqualTo(Kind.FULL);
  }

  @Test
  void whatWasGivenUpInTimeIsNotWritten() {
    Append group = new Group();

    assertThat(awaited(group, Duration.ofNanos(1))).isEqualTo(Kind.SLOW);
    assertThat(group.take()).isFalse();
  }

  @Test
  void whatIsGivenUpWhileItIsWrittenIsAbandoned() throws Exception {
    int[] abandoned = {0};
    Append group =
        new Group() {
          @Override
          void abandoned(Segment segment, int[] offsets) {
            abandoned[0]++;
          }
        };
    assertThat(group.take()).isTrue();

    assertThat(awaited(group, Duration.ofNanos(1))).isEqualTo(Kind.SLOW);
    group.publish(new Segment(1, Path.of("none"), FaultyFiles.none()), new int[0]);

    assertThat(abandoned[0]).isEqualTo(1);
  }
}
