package org.depesche.smtp.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.depesche.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DotStufferTest {

  private static final String END = "\r\n.\r\n";

  /// What stands on the wire for a message that is written in pieces of a size.
  private static String wire(String message, int piece, int buffer)
      throws IOException, DotStuffer.BareLineEndException {
    ScriptedServer server = ScriptedServer.of("");
    try {
      return write(message, piece, buffer, server);
    } catch (DotStuffer.BareLineEndException e) {
      assertNoEndOrBareLineEnd(server.received());
      throw e;
    }
  }

  private static String write(String message, int piece, int buffer, ScriptedServer server)
      throws IOException, DotStuffer.BareLineEndException {
    DotStuffer out = new DotStuffer(server, ByteBuffer.allocate(buffer));
    byte[] bytes = message.getBytes(ISO_8859_1);
    for (int at = 0; at < bytes.length; at += piece) {
      out.write(bytes, at, Math.min(piece, bytes.length - at));
    }
    long octets = out.end();
    assertThat(octets).isEqualTo(server.received().length());
    return server.received();
  }

  private static void assertNoEndOrBareLineEnd(String wire) {
    assertThat(wire).doesNotContain(END).doesNotStartWith(".\r\n");
    // The connection may end between the CR and the LF of a sound line end.
    assertThat(wire.replace("\r\n", "").replaceFirst("\r$", ""))
        .doesNotContain("\r")
        .doesNotContain("\n");
  }

  // RFC 5321 §4.5.2
  @ParameterizedTest
  @CsvSource({
    "'',              '.\r\n'",
    "'a\r\n',         'a\r\n.\r\n'",
    "'a',             'a\r\n.\r\n'",
    "'.',             '..\r\n.\r\n'",
    "'.\r\n',         '..\r\n.\r\n'",
    "'..\r\n',        '...\r\n.\r\n'",
    "'a\r\n.\r\nb',   'a\r\n..\r\nb\r\n.\r\n'",
    "'a\r\n.b\r\n',   'a\r\n..b\r\n.\r\n'",
    "'a.b\r\n',       'a.b\r\n.\r\n'",
    "'\r\n.\r\n',     '\r\n..\r\n.\r\n'",
  })
  void aLineThatBeginsWithADotGetsAnother(String message, String wire) throws Exception {
    assertThat(wire(message, 1000, 1000)).isEqualTo(wire);
    assertThat(wire(message, 1, 1)).isEqualTo(wire);
  }

  static Stream<String> smugglingSequences() {
    return Stream.of(
        "\n.\n",
        "\n.\r",
        "\r.\n",
        "\r.\r",
        "\n.\r\n",
        "\r.\r\n",
        "\r\n.\n",
        "\r\n.\r",
        "\r\n\0.\n",
        "\n\n.\r\n",
        "\r\r\n.\r\n",
        "\r\n.\r\r\n",
        "\n\r.\r\n",
        "\r\n.\n\r\n",
        "\r\0\n.\r\n");
  }

  // CVE-2023-51764, CVE-2023-51765, CVE-2023-51766
  @ParameterizedTest
  @MethodSource("smugglingSequences")
  void whatAServerCouldTakeForAnEndIsRefused(String sequence) {
    String message = "Subject: x\r\n\r\nfirst" + sequence + "MAIL FROM:<b@x.test>\r\n";
    for (int piece = 1; piece < message.length(); piece++) {
      int size = piece;
      assertThatExceptionOfType(DotStuffer.BareLineEndException.class)
          .isThrownBy(() -> wire(message, size, 7))
          .withMessageContaining("stands alone at octet");
    }
  }

  @Test
  void theRefusalNamesTheOctet() {
    assertThatExceptionOfType(DotStuffer.BareLineEndException.class)
        .isThrownBy(() -> wire("ab\r\ncd\nef", 4, 100))
        .withMessage("a LF stands alone at octet 6 of the message");
    assertThatExceptionOfType(DotStuffer.BareLineEndException.class)
        .isThrownBy(() -> wire("ab\r\ncd\r", 100, 100))
        .withMessageContaining("a CR stands alone");
  }

  @Test
  void everyShortMessageArrivesAsItWasOrNotAtAll() throws Exception {
    for (String message : words("\r\n.a", 7)) {
      boolean sound = !message.replace("\r\n", "").matches("(?s).*[\r\n].*");
      for (int piece : List.of(1, 2, 3, 100)) {
        if (sound) {
          String wire = wire(message, piece, 5);
          String unstuffed = unstuffed(wire);
          String expected =
              message.isEmpty() || message.endsWith("\r\n") ? message : message + "\r\n";
          assertThat(unstuffed).isEqualTo(expected);
        } else {
          assertThatExceptionOfType(DotStuffer.BareLineEndException.class)
              .isThrownBy(() -> wire(message, piece, 5));
        }
      }
    }
  }

  /// What a server reads: lines up to the first lone dot, which must be the last of the wire.
  private static String unstuffed(String wire) {
    StringBuilder message = new StringBuilder();
    int at = 0;
    while (true) {
      int end = wire.indexOf("\r\n", at);
      assertThat(end).isGreaterThanOrEqualTo(at);
      String line = wire.substring(at, end);
      at = end + 2;
      if (line.equals(".")) {
        assertThat(at).isEqualTo(wire.length());
        return message.toString();
      }
      message.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
    }
  }

  private static List<String> words(String alphabet, int longest) {
    List<String> all = new ArrayList<>(List.of(""));
    int from = 0;
    for (int length = 1; length <= longest; length++) {
      int to = all.size();
      for (int i = from; i < to; i++) {
        for (int c = 0; c < alphabet.length(); c++) {
          all.add(all.get(i) + alphabet.charAt(c));
        }
      }
      from = to;
    }
    return all;
  }
}
