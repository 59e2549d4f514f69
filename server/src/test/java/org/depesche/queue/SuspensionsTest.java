package org.depesche.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.depesche.mail.Domain;
import org.depesche.routing.Destination;
import org.depesche.routing.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuspensionsTest {

  private static final Route MX = new Route.Mx(new Domain("xn--mller-kva.test"));

  @TempDir Path folder;

  private static Destination named(String text) {
    return Destination.parse(text).orElseThrow();
  }

  @Test
  void areKeptOverARestart() throws IOException {
    Path file = folder.resolve("suspended");
    Suspensions before = new Suspensions(file);
    assertThat(before.add(named("Müller.test"))).isTrue();
    assertThat(before.add(named("müller.test."))).as("the same").isFalse();
    assertThat(before.add(named("*"))).isTrue();
    assertThat(before.remove(named("*"))).isTrue();

    Suspensions after = new Suspensions(file);

    assertThat(after.names()).containsExactly("xn--mller-kva.test");
    assertThat(after.contains(MX)).isTrue();
    assertThat(after.remove(named("xn--mller-kva.test"))).isTrue();
    assertThat(new Suspensions(file).contains(MX)).isFalse();
  }

  @Test
  void aLineThatIsNoDestinationIsNamed() throws IOException {
    Path file = folder.resolve("suspended");
    Files.write(file, new byte[] {'a', '.', 'b', '\n', '\n', (byte) 0xff, ' ', 'x', '\n'});

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> new Suspensions(file))
        .withMessage(file + ":3 is no destination; remove the line");
  }
}
