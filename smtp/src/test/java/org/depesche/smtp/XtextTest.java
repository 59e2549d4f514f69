package org.depesche.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XtextTest {

  @Test
  void encodesWhatMayNotStandForItself() {
    assertThat(Xtext.encode("a+b=c d\r\n~")).isEqualTo("a+2Bb+3Dc+20d+0D+0A~");
    assertThatThrownBy(() -> Xtext.encode("ü")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsBackEveryCharacter() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x80; c++) {
      all.append(c);
    }

    assertThat(Xtext.decode(Xtext.encode(all.toString()))).contains(all.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"+", "+2", "+2b", "+g0", "a=b", "a b", "ü", "\t", "a+"})
  void refusesWhatIsNoXtext(String text) {
    assertThat(Xtext.decode(text)).isEmpty();
  }
}
