package org.depesche.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Messages made to cost whoever takes them apart more than those who send them. Times are far
/// above what a pass over each takes, and far below what it took to compare everything with
/// everything.
class MimeBombTest {

  private static final String NESTING = "its parts are nested too deep";

  private static TransferNeeds needs(CharSequence message) throws IOException {
    return TransferNeeds.of(Content.of(message.toString().getBytes(ISO_8859_1)));
  }

  private static String sevenBit(String message) throws IOException {
    Content content = Content.of(message.getBytes(ISO_8859_1));
    TransferNeeds needs = TransferNeeds.of(content);
    assertThat(needs.obstacle(true, true)).isEmpty();
    RecodedContent made = new RecodedContent(content, needs, true);
    ByteBuffer out = ByteBuffer.allocate((int) made.size());
    while (made.read(out.position(), out) > 0) {
      // As much as a read gives.
    }
    return new String(out.array(), ISO_8859_1);
  }

  private static String multipart(int number) {
    return "Content-Type: multipart/mixed; boundary=b" + number + "\r\n\r\n--b" + number + "\r\n";
  }

  @Test
  @Timeout(10)
  void linesLikeBoundariesBelowThousandsOfLevels() throws IOException {
    StringBuilder message = new StringBuilder(12_000_000);
    for (int i = 0; i < 50_000; i++) {
      message.append(multipart(i));
    }
    message.append("\r\n").append("--x\r\n".repeat(1_000_000)).append("ü\r\n");

    TransferNeeds needs = needs(message);

    assertThat(needs.obstacle(true, true)).isEqualTo(NESTING);
    assertThat(needs.eightBit()).as("what is deep down counts all the same").isTrue();
  }

  @Test
  @Timeout(10)
  void messagesInMessages() throws IOException {
    String bomb =
        "Content-Type: message/rfc822\r\n\r\n".repeat(100_000) + "Subject: x\r\n\r\nü\r\n";

    TransferNeeds needs = needs(bomb);

    assertThat(needs.obstacle(true, true)).isEqualTo(NESTING);
    assertThat(needs.eightBit()).isTrue();
  }

  @Test
  @Timeout(10)
  void blanksBehindABoundaryThatHasTheNameOfAllOthers() throws IOException {
    String open = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(40);
    String almost = ("--b" + " ".repeat(4000) + "x\r\n").repeat(2000);

    assertThat(needs(open + "\r\n" + almost + "\r\n--b-- \t\r\n").obstacle(true, true)).isEmpty();
  }

  @Test
  void aQuotedBoundaryThatDoesNotEnd() throws IOException {
    String quoted = "\\a".repeat(4000);
    String head = "Content-Type: multipart/mixed; boundary=\"" + quoted;

    assertThat(needs(head + "\r\n\r\n--a\r\n\r\nü\r\n").obstacle(true, true))
        .isEqualTo("a multipart has no boundary");
    assertThat(needs(head + "\"\r\n\r\n--a\r\n\r\nü\r\n").obstacle(true, true))
        .isEqualTo("a multipart has no boundary");
  }

  @Test
  void commentsInCommentsWithoutAnEnd() throws IOException {
    String head = "Content-Type: multipart/mixed; " + "(".repeat(8000) + "; boundary=b";

    assertThat(needs(head + "\r\n\r\n--b\r\n\r\nü\r\n").obstacle(true, true))
        .isEqualTo("a multipart has no boundary");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "; boundary=b",
        "; BOUNDARY = \"b\" ",
        ";boundary=\"\\b\"",
        "; charset=utf-8; boundary=b; name=x",
        "; name=\"; boundary=a\"; boundary=b",
        "; name=\"\\\"; boundary=a\"; boundary=b",
        "; (boundary=a; (boundary=a)) boundary=b",
        "; x-boundary=a; boundary=b",
        "; ; boundary=b",
        "; boundary=b (boundary=a)",
        "; boundary=b; boundary=a",
      })
  void theBoundaryIsTheOneThatOthersSee(String parameters) throws IOException {
    String message =
        "Content-Type: multipart/mixed"
            + parameters
            + "\r\n\r\n--b\r\n\r\nü\r\n--b\r\n\r\nplain =\r\n--b--\r\n";

    assertThat(sevenBit(message)).contains("\r\n\r\n=FC\r\n", "\r\n\r\nplain =\r\n");
  }

  /// RFC 2046 §5.1.2: the boundary of an outer multipart may be the beginning of an inner one's.
  @Test
  void aBoundaryThatBeginsAsAnotherDoes() throws IOException {
    String message =
        """
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: multipart/mixed; boundary=bb

        --bb

        ü
        --bb--
        --b

        ö
        --bbb
        --b--
        """
            .replace("\n", "\r\n");

    assertThat(sevenBit(message))
        .contains("\r\n\r\n=FC\r\n--bb--\r\n--b\r\n", "=F6\r\n=2D-bbb\r\n");
  }

  @Test
  void whatStandsInTheHeaderOfAPartIsNotKeptAsItIs() throws IOException {
    String part =
        "--b\r\nContent-Type: text/"
            + "p".repeat(4000)
            + "\r\nContent-Transfer-Encoding: "
            + "x".repeat(4000)
            + "\r\n\r\nü\r\n";
    TransferNeeds needs =
        needs("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part.repeat(100));

    assertThat(needs.parts()).hasSize(101);
    assertThat(needs.parts())
        .allMatch(p -> p.entity().type().length() + p.entity().encoding().length() < 400);
    assertThat(needs.parts().getLast().entity().isText()).isTrue();
    assertThat(needs.obstacle(true, true)).contains("may not be encoded again");
  }

  @Test
  void thePartThatIsOneTooManyHasEightBitsToo() throws IOException {
    String part = "--b\r\n\r\nx\r\n";
    TransferNeeds needs =
        needs(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                + part.repeat(100_000)
                + "--b\r\n\r\nü\r\n--b--\r\n");

    assertThat(needs.parts()).hasSizeLessThan(20_000);
    assertThat(needs.eightBit()).isTrue();
    assertThat(needs.obstacle(true, true)).startsWith("it has more than ");
  }
}
