package org.depesche.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendMessageTest {

  private static final ZonedDateTime DATE = ZonedDateTime.parse("2026-11-03T09:05:07+01:00");

  private static SendMessage message(String subject, String text, String... headers) {
    return new SendMessage(
        "a@here.test",
        List.of("b@there.test"),
        subject,
        List.of(headers).stream().map(SendMessage.Header::parse).toList(),
        text,
        List.of());
  }

  private static String wire(SendMessage message) {
    return new String(message.bytes(DATE, "=_b"), UTF_8);
  }

  private static String lines(String text) {
    return text.replace("\n", "\r\n");
  }

  @Test
  void aPlainMessage() {
    assertThat(wire(message("Hello", "one\ntwo")))
        .isEqualTo(
            lines(
                """
                Date: Tue, 3 Nov 2026 09:05:07 +0100
                From: <a@here.test>
                To: <b@there.test>
                Subject: Hello
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 7bit

                one
                two
                """));
  }

  @Test
  void textBeyondAsciiIsQuotedPrintableAndItsSubjectEncodedWords() {
    assertThat(wire(message("Grüße aus Köln", "schön = gut \r\n\tx\t\n")))
        .isEqualTo(
            lines(
                """
                Date: Tue, 3 Nov 2026 09:05:07 +0100
                From: <a@here.test>
                To: <b@there.test>
                Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                sch=C3=B6n =3D gut=20
                \tx=09
                """));
  }

  @Test
  void attachmentsMakeItMultipart() {
    SendMessage message =
        new SendMessage(
            "a@here.test",
            List.of(),
            "Files",
            List.of(),
            "See.\n",
            List.of(
                new SendMessage.Attachment("a.bin", "application/octet-stream", new byte[] {0, -1}),
                new SendMessage.Attachment("ü \"x\".txt", "text/plain", "hi\n".getBytes(UTF_8))));

    assertThat(wire(message))
        .isEqualTo(
            lines(
                """
                Date: Tue, 3 Nov 2026 09:05:07 +0100
                From: <a@here.test>
                To: undisclosed-recipients:;
                Subject: Files
                MIME-Version: 1.0
                Content-Type: multipart/mixed;
                 boundary="=_b"

                --=_b
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 7bit

                See.
                --=_b
                Content-Type: application/octet-stream
                Content-Disposition: attachment; filename="a.bin"
                Content-Transfer-Encoding: base64

                AP8=
                --=_b
                Content-Type: text/plain
                Content-Disposition: attachment; filename*=UTF-8''%C3%BC%20%22x%22.txt
                Content-Transfer-Encoding: base64

                aGkK
                --=_b--
                """));
  }

  @Test
  void aHeaderThatWasGivenReplacesWhatWouldStandThere() {
    String wire = wire(message("unused", "x", "subject: mine", "X-Test: ä", "DATE: never"));

    assertThat(wire)
        .startsWith("From: <a@here.test>\r\n")
        .contains("subject: mine\r\nX-Test: =?UTF-8?B?w6Q=?=\r\nDATE: never\r\n")
        .doesNotContain("unused");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no colon",
        ": empty",
        "Spa ce: x",
        "X: a\nBcc: c",
        "X: a\rb",
        "Ümlaut: x",
        "Content-Type: text/html",
        "MIME-Version: 2",
        "X: \u0000"
      })
  void aHeaderThatWouldBreakTheMessageIsRefused(String header) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> SendMessage.Header.parse(header));
  }

  @Test
  void aSubjectCannotBecomeASecondField() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> message("x\r\nBcc: c@x.test", "text"));
  }

  @Test
  void longFieldsFoldAndNoLineIsOnlySpace() {
    String field = SendEncoding.field("Subject", "word ".repeat(40) + "   " + "x".repeat(200));

    assertThat(field.replace("\r\n", ""))
        .isEqualTo("Subject: " + "word ".repeat(40) + "   " + "x".repeat(200));
    assertThat(field.lines().limit(3)).allMatch(line -> line.length() <= 78 && !line.isBlank());
  }

  // RFC 2047 §2, §5
  @Test
  void encodedWordsAreShortAndSplitNoCharacter() {
    String field = SendEncoding.field("Subject", "𝄞ü€".repeat(60));

    assertThat(field.lines()).allMatch(line -> line.length() <= 85);
    StringBuilder decoded = new StringBuilder();
    for (String word : field.substring(9).strip().split("\\s+")) {
      assertThat(word).hasSizeLessThanOrEqualTo(75);
      String base64 = word.substring(10, word.length() - 2);
      decoded.append(new String(java.util.Base64.getDecoder().decode(base64), UTF_8));
    }
    assertThat(decoded).hasToString("𝄞ü€".repeat(60));
  }

  // RFC 2045 §6.7
  @ParameterizedTest
  @CsvSource({"75", "76", "77", "200"})
  void quotedPrintableLinesHaveAtMost76Characters(int length) {
    String text = "ü".repeat(length) + "\r\n" + "x".repeat(length) + "\r\n";

    String encoded = SendEncoding.quotedPrintable(text);

    assertThat(encoded.lines()).allMatch(line -> line.length() <= 76);
    assertThat(encoded.replace("=\r\n", "").replace("=C3=BC", "ü")).isEqualTo(text);
  }

  @Test
  void linesTooLongForMailAreQuotedPrintable() {
    assertThat(wire(message("s", "x".repeat(2000)))).contains("quoted-printable");
  }

  // RFC 2046 §5.1.1
  @Test
  void rawFilesOfUnixGetTheLineEndsOfMailAndOthersStayAsTheyAre() {
    assertThat(SendCommand.wireLines("a\n\nb\n".getBytes(UTF_8)))
        .asString()
        .isEqualTo("a\r\n\r\nb\r\n");
    assertThat(SendCommand.wireLines("a\r\nb\n".getBytes(UTF_8))).asString().isEqualTo("a\r\nb\n");
  }
}
