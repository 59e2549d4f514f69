package org.depesche.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Mail for servers that take seven bits only (RFC 6152 §3, RFC 2045 §6).
class RecodedContentTest {

  private record Bytes(byte[] bytes) implements Content {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long position, ByteBuffer into) {
      int count = (int) Math.min(into.remaining(), bytes.length - position);
      if (count <= 0) {
        return -1;
      }
      into.put(bytes, (int) position, count);
      return count;
    }

    @Override
    public void close() {}
  }

  private static Content text(String... lines) {
    return new Bytes((String.join("\r\n", lines) + "\r\n").getBytes(UTF_8));
  }

  private static byte[] all(Content content, int pieceSize) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteBuffer piece = ByteBuffer.allocate(pieceSize);
    while (content.read(out.size(), piece.clear()) > 0) {
      out.write(piece.array(), 0, piece.position());
    }
    assertThat(out.size()).isEqualTo(content.size());
    return out.toByteArray();
  }

  private static String recoded(Content content, boolean toSevenBit) throws IOException {
    TransferNeeds needs = TransferNeeds.of(content);
    assertThat(needs.obstacle(toSevenBit, true)).isEmpty();
    RecodedContent made = new RecodedContent(content, needs, toSevenBit);
    byte[] bytes = all(made, 16 * 1024);
    assertThat(all(made, 7)).as("in small pieces, from the beginning again").isEqualTo(bytes);
    return new String(bytes, UTF_8);
  }

  private static String sevenBit(String... lines) throws IOException {
    return recoded(text(lines), true);
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  @Test
  void textBecomesQuotedPrintable() throws IOException {
    assertThat(
            sevenBit(
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
                "Subject: Hello",
                "",
                "Grüße = greetings ",
                "",
                ".",
                "From here"))
        .isEqualTo(
            lines(
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Subject: Hello",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "Gr=C3=BC=C3=9Fe =3D greetings=20",
                "",
                "=2E",
                "=46rom here"));
  }

  @Test
  void textWithoutMimeGetsAsMuchOfItAsItNeeds() throws IOException {
    assertThat(sevenBit("Subject: Hello", "", "ü"))
        .isEqualTo(
            lines(
                "Subject: Hello",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=unknown-8bit",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "=C3=BC"));
  }

  /// RFC 2045 §4
  @Test
  void aMessageWithinTheMessageThatHasNoMimeGetsItToo() throws IOException {
    assertThat(
            sevenBit(
                "Subject: outer",
                "MIME-Version: 1.0",
                "Content-Type: message/rfc822",
                "",
                "Subject: within",
                "",
                "ü"))
        .isEqualTo(
            lines(
                "Subject: outer",
                "MIME-Version: 1.0",
                "Content-Type: message/rfc822",
                "",
                "Subject: within",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=unknown-8bit",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "=C3=BC"));
  }

  @Test
  void onlyThePartsThatNeedItAreChanged() throws IOException {
    String before =
        lines(
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=\"=_x y\"",
            "Content-Transfer-Encoding: 8bit",
            "",
            "preamble",
            "--=_x y",
            "Content-Type: text/plain",
            "",
            "plain = plain ",
            "--=_x y",
            "Content-Type: image/png",
            "Content-Transfer-Encoding: 8bit",
            "",
            "ü",
            "ö",
            "--=_x y",
            "",
            "é",
            "",
            "--=_x y--",
            "epilogue");

    assertThat(sevenBit(before.stripTrailing().split("\r\n")))
        .isEqualTo(
            lines(
                "MIME-Version: 1.0",
                "Content-Type: multipart/mixed; boundary=\"=_x y\"",
                "Content-Transfer-Encoding: 7bit",
                "",
                "preamble",
                "--=_x y",
                "Content-Type: text/plain",
                "",
                "plain = plain ",
                "--=_x y",
                "Content-Type: image/png",
                "Content-Transfer-Encoding: base64",
                "",
                Base64.getEncoder().encodeToString("ü\r\nö".getBytes(UTF_8)),
                "--=_x y",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "=C3=A9",
                "",
                "--=_x y--",
                "epilogue"));
  }

  @Test
  void aMessageWithinTheMessageIsEnteredAndNotEncodedAsAWhole() throws IOException {
    assertThat(
            sevenBit(
                "Content-Type: multipart/digest; boundary=b",
                "",
                "--b",
                "",
                "Subject: within",
                "Content-Type: text/plain; charset=utf-8",
                "",
                "ü",
                "--b--"))
        .isEqualTo(
            lines(
                "Content-Type: multipart/digest; boundary=b",
                "",
                "--b",
                "",
                "Subject: within",
                "Content-Type: text/plain; charset=utf-8",
                "MIME-Version: 1.0",
                "Content-Transfer-Encoding: quoted-printable",
                "",
                "=C3=BC",
                "--b--"));
  }

  @Test
  void binaryContentIsEncodedForAServerThatTakesEightBitsOnly() throws IOException {
    byte[] octets = new byte[5000];
    new Random(1).nextBytes(octets);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(
        lines(
                "Content-Type: multipart/mixed; boundary=b",
                "Content-Transfer-Encoding: binary",
                "",
                "--b",
                "Content-Type: text/plain; charset=utf-8",
                "",
                "ü",
                "--b",
                "Content-Type: application/octet-stream",
                "Content-Transfer-Encoding: binary",
                "")
            .getBytes(UTF_8));
    message.writeBytes(octets);
    message.writeBytes("\r\n--b--\r\n".getBytes(UTF_8));

    String made = recoded(new Bytes(message.toByteArray()), false);

    assertThat(made).contains("Content-Transfer-Encoding: 8bit\r\n", "\r\nü\r\n");
    String encoded = made.substring(made.indexOf("base64\r\n\r\n") + 10, made.indexOf("\r\n--b--"));
    assertThat(encoded.lines()).allMatch(line -> line.length() <= 76);
    assertThat(Base64.getMimeDecoder().decode(encoded)).isEqualTo(octets);
  }

  /// RFC 2046 §5.1.1: a CRLF belongs to a boundary where one follows, and only there.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: image/png\n\nü\nö\n",
        "Content-Type: image/png\n\nü\n\n",
        "Content-Type: image/png\n\nü",
        "Content-Type: message/rfc822\n\nContent-Type: image/png\n\nü\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n\nü\n",
      })
  void aLineEndBeforeTheEndOfTheMessageIsContent(String message) throws IOException {
    String before = message.replace("\n", "\r\n");

    String made = recoded(new Bytes(before.getBytes(UTF_8)), true);

    assertThat(made).endsWith("\r\n");
    String encoded = made.substring(made.indexOf("base64\r\n\r\n") + 10);
    assertThat(new String(Base64.getMimeDecoder().decode(encoded), UTF_8))
        .isEqualTo(before.substring(before.indexOf("ü")));
  }

  /// RFC 2046 §5.1.1: what begins a line may be taken for a boundary, or by some servers for more.
  @ParameterizedTest
  @CsvSource({"--b,=2D-b", "--,=2D-", ".,=2E", "From here,=46rom here"})
  void whatASoftLineBreakPutsAtTheBeginningOfALineIsEncoded(String text, String encoded)
      throws IOException {
    String head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";

    String made = sevenBit(head, "ü" + "x".repeat(69) + text, "--b--");

    assertThat(made).endsWith(lines("=C3=BC" + "x".repeat(69) + "=", encoded, "--b--"));
  }

  /// RFC 2046 §5.1.1: no CRLF belongs behind the last boundary; with BDAT there may be none.
  @Test
  void theLastBoundaryNeedsNoLineEnd() throws IOException {
    String message =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\nContent-Type: image/png\r\n\r\nü\r\n--b--";

    assertThat(recoded(new Bytes(message.getBytes(UTF_8)), true))
        .endsWith("base64\r\n\r\nw7w=\r\n--b--");
  }

  @Test
  void signaturesThatBreakAreNoticed() throws IOException {
    assertThat(TransferNeeds.of(text("DKIM-Signature: v=1", "", "ü")).signed()).isTrue();
    assertThat(
            TransferNeeds.of(text("Content-Type: multipart/signed; boundary=b", "", "--b--"))
                .signed())
        .isTrue();
    assertThat(TransferNeeds.of(text("Subject: x", "", "ü")).signed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Subject: Grüße\n\nok",
        "Content-Type: multipart/mixed\n\nü",
        "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nü",
        "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nü",
        "Content-Type: message/partial; id=1\n\nü",
        "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\nü",
        "Content-Type: multipart/mixed; boundary=b\n\nü\n--b--",
        "no header field here\n\nü",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: x\n--b--\nü",
      })
  void whatCannotBeToldApartIsLeftAlone(String message) throws IOException {
    TransferNeeds needs = TransferNeeds.of(text(message.split("\n")));

    assertThat(needs.eightBit() || needs.eightBitHeader()).isTrue();
    assertThat(needs.obstacle(true, true)).isNotEmpty();
  }

  @Test
  void nestingHasALimit() throws IOException {
    StringBuilder deep = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      deep.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\r\n\r\n");
      deep.append("--b").append(i).append("\r\n");
    }

    assertThat(TransferNeeds.of(text(deep.toString(), "", "ü")).obstacle(true, true))
        .isEqualTo("its parts are nested too deep");
  }

  @Test
  void aLineOfMegabytesTakesNoMemory() throws IOException {
    byte[] line = new byte[8_000_000];
    Arrays.fill(line, (byte) 'ü');
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes("Content-Type: text/plain\r\n\r\n".getBytes(UTF_8));
    message.writeBytes(line);
    message.writeBytes("\r\n".getBytes(UTF_8));

    String made = recoded(new Bytes(message.toByteArray()), true);

    assertThat(made.lines().mapToInt(String::length).max()).hasValue(76);
    assertThat(made.replace("=\r\n", "").lines().skip(4).findFirst().orElseThrow())
        .hasSize(3 * line.length);
  }

  /// Whatever comes in: no exception but for what is unclear, seven bits, CRLF only, no long line,
  /// and the same parts as before.
  @FuzzTest(maxDuration = "1m")
  void anything(byte[] bytes) throws IOException {
    Content content = new Bytes(bytes);
    TransferNeeds needs = TransferNeeds.of(content);
    if (!needs.obstacle(true, true).isEmpty()) {
      return;
    }
    String made = new String(all(new RecodedContent(content, needs, true), 1000), ISO_8859_1);
    assertThat(made.chars()).allMatch(c -> c < 0x80);
    TransferNeeds again = TransferNeeds.of(new Bytes(made.getBytes(ISO_8859_1)));
    assertThat(again.binary()).isFalse();
    assertThat(again.parts()).hasSameSizeAs(needs.parts());
  }
}
