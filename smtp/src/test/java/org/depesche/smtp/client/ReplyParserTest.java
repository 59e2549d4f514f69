package org.depesche.smtp.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyParserTest {

  private static ReplyParser.Step parse(String wire) {
    return new ReplyParser(Transcript.NONE).take(ByteBuffer.wrap(wire.getBytes(UTF_8)));
  }

  private static Reply complete(String wire) {
    return ((ReplyParser.Step.Complete) parse(wire)).reply();
  }

  // RFC 5321 §4.2
  @Test
  void aReplyIsACodeAndText() {
    assertThat(complete("220 mx.test ESMTP ready\r\n"))
        .isEqualTo(Reply.plain(220, "mx.test ESMTP ready"));
  }

  @Test
  void linesOfOneReplyAreJoined() {
    assertThat(complete("250-mx.test\r\n250-PIPELINING\r\n250 SIZE 1000\r\n").lines())
        .containsExactly("mx.test", "PIPELINING", "SIZE 1000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"250\r\n", "250 \r\n", "250 \n", "250\n", "250-\r\n250\r\n"})
  void textMayBeMissingAndALoneLfEndsALine(String wire) {
    assertThat(complete(wire).code()).isEqualTo(250);
  }

  // RFC 2034 §4
  @Test
  void theEnhancedStatusIsReadFromEachLine() {
    Reply reply = complete("550-5.1.1 no such user\r\n550 5.1.1 sorry\r\n");

    assertThat(reply.status()).contains(EnhancedStatus.parse("5.1.1"));
    assertThat(reply.lines()).containsExactly("no such user", "sorry");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "550 2.1.1 wrong class\r\n",
        "550 5.1 short\r\n",
        "550 5.1.1x glued\r\n",
        "550 5.1234.1 long\r\n",
        "550 5.1.1.1 four\r\n"
      })
  void whatOnlyLooksLikeAStatusIsText(String wire) {
    Reply reply = complete(wire);

    assertThat(reply.status()).isEqualTo(Optional.empty());
    assertThat(reply.lines()).containsExactly(wire.substring(4).strip());
  }

  @Test
  void aStatusAloneHasNoText() {
    assertThat(complete("250 2.0.0\r\n")).isEqualTo(Reply.of(250, "2.0.0", ""));
  }

  @Test
  void controlCharactersBecomeQuestionMarks() {
    assertThat(complete("550 \u001b[31mred\0 \u0085x\r\n").lines()).containsExactly("?[31mred? ?x");
  }

  @Test
  void bytesThatAreNoUtf8DoNoHarm() {
    ByteBuffer wire = ByteBuffer.wrap(new byte[] {'2', '5', '0', ' ', (byte) 0xff, '\r', '\n'});

    assertThat(new ReplyParser(Transcript.NONE).take(wire))
        .isEqualTo(new ReplyParser.Step.Complete(Reply.plain(250, "\ufffd")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n",
        "\r\n",
        "25 x\r\n",
        "2500 x\r\n",
        "250_x\r\n",
        "150 wait\r\n",
        "600 x\r\n",
        "-50 x\r\n",
        "099 x\r\n",
        "250-a\r\n251 b\r\n",
        "250-a\r\n550 b\r\n",
        "250-a\r\nb\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        "* OK IMAP\r\n",
        "２５０ x\r\n"
      })
  void whatIsNoReplyIsMalformed(String wire) {
    assertThat(parse(wire)).isInstanceOf(ReplyParser.Step.Malformed.class);
  }

  @Test
  void aReplyWithoutEndIsGivenUp() {
    assertThat(parse("250-" + "x".repeat(ReplyParser.MAX_OCTETS)))
        .isInstanceOf(ReplyParser.Step.Malformed.class);
    assertThat(parse("250-x\r\n".repeat(ReplyParser.MAX_OCTETS / 7 + 1)))
        .isInstanceOf(ReplyParser.Step.Malformed.class);
  }

  @Test
  void aReplyMayComeOctetByOctetAndWhatFollowsStaysInTheBuffer() {
    ReplyParser parser = new ReplyParser(Transcript.NONE);
    for (byte octet : "250-a\r\n250 ".getBytes(UTF_8)) {
      assertThat(parser.take(ByteBuffer.wrap(new byte[] {octet})))
          .isEqualTo(ReplyParser.Step.More.INSTANCE);
    }
    ByteBuffer rest = ByteBuffer.wrap("b\r\n354 go\r\n".getBytes(UTF_8));

    assertThat(parser.take(rest))
        .isEqualTo(new ReplyParser.Step.Complete(Reply.plain(250, "a", "b")));
    assertThat(UTF_8.decode(rest).toString()).isEqualTo("354 go\r\n");
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreTakenWithoutHarm(byte[] wire) {
    ReplyParser.Step whole = new ReplyParser(Transcript.NONE).take(ByteBuffer.wrap(wire));
    ReplyParser piecewise = new ReplyParser(Transcript.NONE);
    ReplyParser.Step last = ReplyParser.Step.More.INSTANCE;
    for (int i = 0; i < wire.length && last instanceof ReplyParser.Step.More; i++) {
      last = piecewise.take(ByteBuffer.wrap(wire, i, 1));
    }

    assertThat(last).isEqualTo(whole);
    if (whole instanceof ReplyParser.Step.Complete(Reply reply)) {
      assertThat(List.of(2, 3, 4, 5)).contains(reply.code() / 100);
      Reply again = complete(reply.wire());
      assertThat(again.code()).isEqualTo(reply.code());
    }
  }
}
