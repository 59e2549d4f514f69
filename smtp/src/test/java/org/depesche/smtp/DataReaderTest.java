package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DataReaderTest {

  /// What a reader made of some bytes.
  private record Result(String content, int taken, boolean atEnd, Optional<Violation> violation) {}

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        ".\\r\\n, \"\"",
        "\\r\\n.\\r\\n, \\r\\n",
        "a\\r\\n.\\r\\n, a\\r\\n",
        "..\\r\\n.\\r\\n, .\\r\\n",
        "...\\r\\n.\\r\\n, ..\\r\\n",
        ".a\\r\\n.\\r\\n, a\\r\\n",
        "a.\\r\\n.\\r\\n, a.\\r\\n",
        "a\\r\\n..\\r\\nb\\r\\n.\\r\\n, a\\r\\n.\\r\\nb\\r\\n",
        "\\t\\x01\\x7f\\xff\\r\\n.\\r\\n, \\t\\x01\\x7f\\xff\\r\\n"
      })
  void takesAwayWhatWasAdded(String wire, String content) {
    byte[] bytes = bytes(wire);

    assertThat(read(bytes, bytes.length))
        .isEqualTo(
            new Result(
                new String(bytes(content), ISO_8859_1), bytes.length, true, Optional.empty()));
  }

  @Test
  void takesNothingBehindTheEnd() {
    byte[] bytes = bytes("a\\r\\n.\\r\\nMAIL FROM:<>\\r\\n");

    assertThat(read(bytes, bytes.length).taken()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({
    "a\\nb\\r\\n.\\r\\n, BARE_LF",
    "\\n\\r\\n.\\r\\n, BARE_LF",
    "a\\rb\\r\\n.\\r\\n, BARE_CR",
    "a\\r\\r\\n.\\r\\n, BARE_CR",
    "a\\r\\n.\\rb\\r\\n.\\r\\n, BARE_CR",
    "a\\r\\n.\\nb\\r\\n.\\r\\n, BARE_LF",
    "a\\x00\\r\\n.\\r\\n, NUL",
    "a\\r\\x00\\r\\n.\\r\\n, BARE_CR"
  })
  void noticesForbiddenBytesAndReadsOnToTheTrueEnd(String wire, Violation violation) {
    byte[] bytes = bytes(wire);

    for (int piece = 1; piece <= bytes.length; piece++) {
      Result result = read(bytes, piece);
      assertThat(result.violation()).contains(violation);
      assertThat(result.atEnd()).isTrue();
      assertThat(result.taken()).isEqualTo(bytes.length);
    }
  }

  /// Every string of CR, LF, dot, NUL and a letter up to seven long; among them all published ways
  /// to make one host see an end of data where another sees none.
  @Test
  void onlyCrLfDotCrLfIsAnEnd() {
    String alphabet = "\r\n.\0x";
    for (int length = 0; length <= 7; length++) {
      int count = (int) Math.pow(alphabet.length(), length);
      for (int n = 0; n < count; n++) {
        StringBuilder middle = new StringBuilder("a");
        for (int i = 0, rest = n; i < length; i++, rest /= alphabet.length()) {
          middle.append(alphabet.charAt(rest % alphabet.length()));
        }
        byte[] bytes = middle.toString().getBytes(ISO_8859_1);
        Result result = read(bytes, bytes.length);
        int end = middle.indexOf("\r\n.\r\n");
        if (result.atEnd() != end >= 0 || end >= 0 && result.taken() != end + 5) {
          assertThat(result).as("%s", visible(middle)).isNull();
        }
      }
    }
  }

  static List<String> publishedSequences() {
    return List.of(
        "\n.\n",
        "\n.\r",
        "\r.\n",
        "\r.\r",
        "\n.\r\n",
        "\r.\r\n",
        "\r\n.\n",
        "\r\n.\r",
        "\r\r\n.\r\n",
        "\r\n.\r\r\n",
        "\r\n\0.\r\n",
        "\r\n.\0\r\n",
        "\r\n.\r\0\n",
        "\r\n..\r\n",
        "\n\n.\r\n",
        "\r\n.\n\r\n",
        "\n.\n\n",
        "\r\n. \r\n",
        "\r\n .\r\n",
        "\r\n.\t\r\n",
        "\u0085.\u0085",
        "\r\n\u0085.\r\n",
        "\u000b.\u000b",
        "\f.\f",
        "\r\n.\f\r\n",
        "\r\n.\r\u0085",
        "\r\n\r.\r\n",
        "\r\n.\\r\\n",
        "=0D=0A.=0D=0A",
        "\r\n\u2028.\r\n");
  }

  /// Each published sequence between two texts: either it is plain text, or the whole is refused;
  /// the second text is never a command. All ways to cut it into pieces come to the same.
  @ParameterizedTest
  @MethodSource("publishedSequences")
  void noPublishedSequenceSmuggles(String sequence) {
    String smuggled = "MAIL FROM:<evil@client.test>\r\nDATA\r\nevil\r\n.\r\n";
    byte[] bytes = ("first" + sequence + smuggled).getBytes(ISO_8859_1);
    Result whole = read(bytes, bytes.length);

    // CR CR LF and NUL variants hold the true end in them, behind bytes that condemn the message.
    int end = ("first" + sequence + smuggled).indexOf("\r\n.\r\n") + 5;
    assertThat(whole.taken()).isEqualTo(end);
    assertThat(whole.taken() == bytes.length || whole.violation().isPresent()).isTrue();
    for (int piece = 1; piece <= bytes.length; piece++) {
      assertThat(outcome(read(bytes, piece))).isEqualTo(outcome(whole));
    }
    for (int cut = 1; cut < bytes.length; cut++) {
      assertThat(outcome(read(bytes, List.of(cut, bytes.length - cut)))).isEqualTo(outcome(whole));
    }
  }

  @Test
  void agreesWithTheDefinitionWhateverThePieces() {
    Random random = new Random(5321);
    String alphabet = "\r\n\r\n\r\n...\0abcdefghij";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(60);
      for (int i = 0; i < length; i++) {
        text.append(
            random.nextInt(3) == 0 ? "\r\n" : alphabet.charAt(random.nextInt(alphabet.length())));
      }
      compareWithDefinition(text.toString().getBytes(ISO_8859_1), random);
    }
  }

  @FuzzTest(maxDuration = "1m")
  void agreesWithTheDefinitionOnAnyBytes(byte[] input) {
    compareWithDefinition(input, new Random(input.length));
  }

  private static void compareWithDefinition(byte[] bytes, Random random) {
    Result expected = definition(bytes);
    List<Integer> pieces = new ArrayList<>();
    for (int left = bytes.length; left > 0; left -= pieces.getLast()) {
      pieces.add(1 + random.nextInt(Math.min(left, 20)));
    }
    Result result = read(bytes, pieces);

    assertThat(result.taken()).isEqualTo(expected.taken());
    assertThat(result.atEnd()).isEqualTo(expected.atEnd());
    assertThat(result.violation().isPresent()).isEqualTo(expected.violation().isPresent());
    if (result.atEnd() && result.violation().isEmpty()) {
      assertThat(result.content()).isEqualTo(expected.content());
    }
  }

  /// RFC 5321 §4.5.2 word for word, on a whole string.
  private static Result definition(byte[] bytes) {
    String wire = "\r\n" + new String(bytes, ISO_8859_1);
    int end = wire.indexOf("\r\n.\r\n");
    String taken = end < 0 ? wire : wire.substring(0, end + 2);
    String text = taken.substring(2).replaceAll("(?<=^|\r\n)\\.", "");
    String suspect = end < 0 ? taken.replaceAll("\r\\z", "") : taken;
    boolean bad = suspect.replace("\r\n", "").matches("(?s).*[\r\n\0].*");
    return new Result(
        text,
        end < 0 ? bytes.length : end + 3,
        end >= 0,
        bad ? Optional.of(Violation.BARE_CR) : Optional.empty());
  }

  /// The result without the content of a message that nobody will see.
  private static Result outcome(Result result) {
    return result.violation().isEmpty()
        ? result
        : new Result("", result.taken(), result.atEnd(), result.violation());
  }

  private static Result read(byte[] bytes, int piece) {
    List<Integer> pieces = new ArrayList<>();
    for (int left = bytes.length; left > 0; left -= piece) {
      pieces.add(Math.min(left, piece));
    }
    return read(bytes, pieces);
  }

  private static Result read(byte[] bytes, List<Integer> pieces) {
    DataReader reader = new DataReader();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int at = 0;
    int taken = 0;
    for (int piece : pieces) {
      // A fresh array each time, as a socket buffer would be: nothing may be kept of the old one.
      byte[] window = new byte[piece + 6];
      System.arraycopy(bytes, at, window, 3, piece);
      int n = reader.read(window, 3, piece, content::write);
      taken += n;
      at += piece;
      if (reader.atEnd()) {
        break;
      }
      assertThat(n).isEqualTo(piece);
    }
    return new Result(content.toString(ISO_8859_1), taken, reader.atEnd(), reader.violation());
  }

  private static byte[] bytes(String escaped) {
    return org.depesche.testing.Dialogue.unescape(escaped);
  }

  private static String visible(CharSequence text) {
    return text.toString().replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
  }
}
