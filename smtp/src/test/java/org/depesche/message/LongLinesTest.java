package org.depesche.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lines that are longer than a server has to take (RFC 5321 §4.5.3.1.6), in messages that are
/// recoded because of other parts.
class LongLinesTest {

  private static final String LONG = "x".repeat(1200);

  /// A multipart of a part that has to be encoded and of another one.
  private static String message(String part) {
    return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nü\r\n--b\r\n"
        + part
        + "\r\n--b--\r\n";
  }

  private static String part(String type, String encoding, String content) {
    return "Content-Type: "
        + type
        + "\r\nContent-Transfer-Encoding: "
        + encoding
        + "\r\n\r\n"
        + content;
  }

  private static TransferNeeds needs(String message) throws IOException {
    return TransferNeeds.of(Content.of(message.getBytes(ISO_8859_1)));
  }

  private static String sevenBit(String message) throws IOException {
    Content content = Content.of(message.getBytes(ISO_8859_1));
    RecodedContent made = new RecodedContent(content, TransferNeeds.of(content), true);
    ByteBuffer out = ByteBuffer.allocate((int) made.size());
    while (made.read(out.position(), out) > 0) {
      // As much as a read gives.
    }
    return new String(out.array(), ISO_8859_1);
  }

  /// RFC 2045 §6.8: line ends within base64 mean nothing.
  @Test
  void base64IsFolded() throws IOException {
    byte[] octets = LONG.getBytes(ISO_8859_1);
    String encoded = Base64.getEncoder().encodeToString(octets);
    String message = message(part("image/png", "Base64", encoded));

    assertThat(needs(message).obstacle(true, true)).isEmpty();
    assertThat(sevenBit(message))
        .endsWith(
            part("image/png", "Base64", Base64.getMimeEncoder().encodeToString(octets))
                + "\r\n--b--\r\n");
  }

  @Test
  void aFoldMakesNoBoundary() throws IOException {
    String content = "x".repeat(76) + "--b" + LONG;

    assertThat(sevenBit(message(part("image/png", "base64", content))))
        .contains("x".repeat(76) + "\r\n --bxxx");
  }

  @Test
  void base64InShorterLinesStaysAsItIs() throws IOException {
    String part = part("image/png", "base64", "x".repeat(998) + "\r\n" + "x".repeat(80));

    assertThat(sevenBit(message(part))).endsWith(part + "\r\n--b--\r\n");
  }

  @Test
  void contentThatIsNotEncodedYetIs() throws IOException {
    String made = sevenBit(message(part("text/plain", "7bit", LONG)));

    assertThat(made).contains("quoted-printable\r\n\r\nxxx");
    assertThat(made.lines()).allMatch(line -> line.length() <= 76);
  }

  /// Sent as it is, as in a message that is not recoded; but not where the sender has said that
  /// there are such lines (RFC 3030 §3).
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-other",
        "Content-Type: message/partial; id=1",
      })
  void whatMayNotBeEncodedStaysAsItIs(String head) throws IOException {
    String part = head + "\r\n\r\n" + LONG;
    String message = message(part);

    assertThat(needs(message).obstacle(true, false)).isEmpty();
    assertThat(sevenBit(message)).endsWith(part + "\r\n--b--\r\n");
    assertThat(needs(message).obstacle(true, true))
        .isEqualTo("a part that may not be encoded again has lines longer than 998 octets");
  }

  /// The limit is one of lines; other octets that a server would not take are too much always.
  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\rb", "a\nb", "ü"})
  void octetsAreNoLines(String content) throws IOException {
    assertThat(needs(message(part("image/png", "base64", content))).obstacle(true, false))
        .isEqualTo("a part that may not be encoded again has such octets");
  }
}
