package org.depesche.queue;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntentsTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("intents");
  }

  @Test
  void theNextProcessFindsWhatWasNotFinished() throws IOException {
    Intents killed = Intents.open(file);
    int first = killed.begin(7, "mx1.example.net");
    killed.begin(8, "mx2.example.net");
    killed.end(List.of(first));

    Intents next = Intents.open(file);

    assertThat(next.take(7)).isEmpty();
    assertThat(next.take(8))
        .extracting(Intents.Unfinished::host)
        .containsExactly("mx2.example.net");
  }

  @Test
  void whatWasFoundIsThereUntilItsOutcomeIs() throws IOException {
    Intents.open(file).begin(7, "mx.example.net");
    Intents second = Intents.open(file);
    List<Intents.Unfinished> found = second.take(7);

    assertThat(Intents.open(file).take(7)).as("killed before the outcome").isEqualTo(found);
    second.end(found.stream().map(Intents.Unfinished::slot).toList());
    assertThat(Intents.open(file).take(7)).as("killed after it").isEmpty();
  }

  @Test
  void whatNobodyAsksForIsForgotten() throws IOException {
    Intents.open(file).begin(7, "mx.example.net");
    Intents second = Intents.open(file);
    second.forgetRest();

    assertThat(second.take(7)).isEmpty();
    assertThat(Intents.open(file).take(7)).isEmpty();
  }

  @Test
  void aMessageMayGoToSeveralHostsAtOnceAndLongNamesAreCut() throws IOException {
    Intents killed = Intents.open(file);
    killed.begin(7, "a");
    killed.begin(7, "b".repeat(100));

    assertThat(Intents.open(file).take(7))
        .extracting(Intents.Unfinished::host)
        .containsExactly("a", "b".repeat(56));
  }

  @Test
  void withoutRoomItIsNotWrittenDown() {
    Intents intents = Intents.inMemory();
    List<Integer> slots = new ArrayList<>();
    for (int i = 1; i <= 4_096; i++) {
      slots.add(intents.begin(i, "mx"));
    }

    assertThat(slots).doesNotHaveDuplicates().doesNotContain(Intents.NONE);
    assertThat(intents.begin(5_000, "mx")).isEqualTo(Intents.NONE);
    intents.end(List.of(Intents.NONE, slots.getFirst()));
    assertThat(intents.begin(5_000, "mx")).isEqualTo(slots.getFirst());
  }

  @Test
  void aFileOfNonsenseIsNoReasonNotToStart() throws IOException {
    Files.writeString(file, "nonsense ".repeat(40_000));

    Intents intents = Intents.open(file);
    intents.forgetRest();

    assertThat(intents.begin(7, "mx")).isNotEqualTo(Intents.NONE);
  }

  @Test
  void onlyTheOwnerReadsIt() throws IOException {
    Intents.open(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void theDiskHasRoomForAllOfItBeforeItIsUsed() throws Exception {
    Intents.open(file);

    Process du = new ProcessBuilder("du", "-k", file.toString()).start();
    String said = new String(du.getInputStream().readAllBytes(), US_ASCII);
    assertThat(Integer.parseInt(said.substring(0, said.indexOf('\t')))).isGreaterThanOrEqualTo(256);
  }

  @Test
  void aDiskWithoutRoomForItIsDoneWithout() throws IOException {
    Intents intents = Intents.open(Path.of("/dev/full"));

    assertThat(intents.begin(7, "mx.example.net")).isNotEqualTo(Intents.NONE);
  }
}
