package org.depesche.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizeMixTest {

  @Test
  void aSizeAloneIsTheWholeMix() {
    assertThat(SizeMix.parse("10KiB").parts()).containsExactly(new SizeMix.Part(10_240, 10_240, 1));
  }

  @Test
  void sizesAndRangesHaveWeights() {
    assertThat(SizeMix.parse("1KiB:70, 10KiB-20KiB:25 ,1MiB:5").parts())
        .containsExactly(
            new SizeMix.Part(1024, 1024, 70),
            new SizeMix.Part(10_240, 20_480, 25),
            new SizeMix.Part(1 << 20, 1 << 20, 5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "x",
        "0",
        "1KiB:",
        "1KiB:0",
        "1KiB:-1",
        "1KiB:1:1",
        "2KiB-1KiB",
        "1-2-3",
        "2GiB",
        "1KiB:1000000",
        "-5"
      })
  void whatIsNoSizeIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SizeMix.parse(text))
        .withMessageContaining("not a size");
  }

  @Test
  void sizesComeAsOftenAsTheirWeights() {
    SizeMix mix = SizeMix.parse("1KiB:70,10KiB:25,1MiB:5");
    SplittableRandom random = new SplittableRandom(1);

    Map<Long, Long> counts =
        LongStream.generate(() -> mix.next(random))
            .limit(10_000)
            .boxed()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    assertThat(counts.keySet()).containsExactlyInAnyOrder(1024L, 10_240L, 1L << 20);
    assertThat(counts.get(1024L)).isBetween(6_700L, 7_300L);
    assertThat(counts.get(1L << 20)).isBetween(400L, 600L);
  }

  @Test
  void aRangeHasBothOfItsEnds() {
    SizeMix mix = SizeMix.parse("3-5");
    SplittableRandom random = new SplittableRandom(1);

    List<Long> drawn =
        LongStream.generate(() -> mix.next(random)).limit(100).distinct().sorted().boxed().toList();

    assertThat(drawn).containsExactly(3L, 4L, 5L);
  }
}
