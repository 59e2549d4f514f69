package org.depesche.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Text in seven bits (RFC 2045 §6.7).
class SevenBitTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``               | ``",
        "a                | a",
        "`a~b~`           | `a~b~`",
        "`a ~~b`          | `a=20~~b`",
        "`Gr\u00fc\u00dfe=~`        | `Gr=C3=BC=C3=9Fe=3D~`",
        "`~`              | `~`",
      })
  void linesStayLines(String text, String encoded) {
    byte[] bytes = text.replace("~", "\r\n").getBytes(UTF_8);

    assertThat(new String(SevenBit.quotedPrintable(bytes), US_ASCII))
        .isEqualTo(encoded.replace("~", "\r\n"));
  }
}
