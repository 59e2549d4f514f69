package org.depesche.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SaslPrepTest {

  // RFC 4013 §3
  @ParameterizedTest
  @CsvSource({
    "I\u00adX, IX",
    "user, user",
    "USER, USER",
    "\u00aa, a",
    "\u2168, IX",
    // Not in the RFC's table: spaces, a fraction, letters that run from right to left.
    "a\u00a0b, a b",
    "a\u200bb, a b",
    "\u00bd, 1\u20442",
    "e\u0301, \u00e9",
    "\u05d0\u05d1, \u05d0\u05d1",
    "\u06271\u0628, \u06271\u0628"
  })
  void oneForm(String typed, String prepared) {
    assertThat(SaslPrep.stored(typed)).contains(prepared);
    assertThat(SaslPrep.query(typed)).contains(prepared);
  }

  // RFC 4013 §3
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0007",
        "\u06271",
        "\u007f",
        "a\u0000",
        "\ue000",
        "\ufffd",
        "\u2028",
        "\ufdd0",
        "\u202e",
        "\u2ff0",
        "\u0627a\u0628",
        "a\u0627",
        "\ud834\udd73",
        "\udb40\udc20",
        "\udbff\udfff"
      })
  void prohibited(String typed) {
    assertThat(SaslPrep.query(typed)).isEmpty();
  }

  // RFC 3454 §A.1
  @ParameterizedTest
  @ValueSource(strings = {"\u0221", "\ud83d\ude00", "\u20b9", "a\u1e9e"})
  void whatUnicode32DidNotHaveMayBeLookedUpButNotStored(String typed) {
    assertThat(SaslPrep.query(typed)).contains(typed);
    assertThat(SaslPrep.stored(typed)).isEmpty();
  }

  @Test
  void nothingMayBeLeft() {
    assertThat(SaslPrep.query("\u00ad\u200d")).contains("");
    assertThat(SaslText.name("\u00ad\u200d")).isEmpty();
    assertThat(ScramVerifier.of(ScramHash.SHA_1, "\u00ad", new byte[16], 4096)).isEmpty();
  }

  /// The tables, counted by another implementation of RFC 3454 (Python's stringprep).
  @Test
  void theTablesAreComplete() {
    assertThat(count(CodePoints.MAPPED_TO_NOTHING)).isEqualTo(27);
    assertThat(count(CodePoints.OTHER_SPACES)).isEqualTo(17);
    assertThat(count(CodePoints.PROHIBITED)).isEqualTo(139_813);
    assertThat(count(CodePoints.UNASSIGNED)).isEqualTo(879_309);
  }

  private static int count(CodePoints set) {
    int count = 0;
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (set.contains(c)) {
        count++;
      }
    }
    return count;
  }
}
