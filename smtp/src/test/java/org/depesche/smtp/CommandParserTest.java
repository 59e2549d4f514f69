package org.depesche.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Domain;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Return;
import org.depesche.smtp.Command.Malformed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {

  private final CommandParser parser = new CommandParser(new Domain("mx.test"), false, false);

  @Test
  void readsMailWithAllItsParameters() {
    assertThat(
            parse(
                "MAIL FROM:<a@client.test> SIZE=12 BODY=BINARYMIME SMTPUTF8 RET=FULL ENVID=x+2By",
                Dialect.EXTENDED))
        .isEqualTo(
            new Command.Mail(
                new Envelope(
                    new Mailbox("a", "client.test"),
                    List.of(),
                    BodyType.BINARY_MIME,
                    true,
                    Return.FULL,
                    Optional.of("x+2By")),
                12));
    assertThat(parse("MAIL FROM:<>", Dialect.BASIC))
        .isEqualTo(new Command.Mail(new Envelope(NullPath.INSTANCE, List.of()), -1));
  }

  @Test
  void readsRcptWithAllItsParameters() {
    assertThat(
            parse(
                "RCPT TO:<Bob@MX.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;Bob@MX.test",
                Dialect.EXTENDED))
        .isEqualTo(
            new Command.Rcpt(
                new Recipient(
                    new Mailbox("Bob", "mx.test"),
                    new Notify(false, false, true, true),
                    Optional.of("rfc822;Bob@MX.test"))));
  }

  @Test
  void aSizeTooLargeForANumberIsStillASize() {
    assertThat(parse("MAIL FROM:<> SIZE=99999999999999999999", Dialect.EXTENDED))
        .isEqualTo(new Command.Mail(new Envelope(NullPath.INSTANCE, List.of()), Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rfc822;bob@mx.test",
        "RFC822;bob+2Bx@mx.test",
        "x400;/C+3Dde/",
        "utf-8;bob@mx.test",
        "UTF-8;j\\x{FC}rgen@mx.test",
        "utf-8;\\x{20}\\x{2B}\\x{3D}\\x{5C}\\x{7F}\\x{10}\\x{01}\\x{19}",
        "utf-8;\\x{80}\\x{FFF}\\x{1F600}\\x{10FFFF}",
        "utf-8;bob+tag@mx.test", // a Mailbox as it is
        "utf-8;jürgen@bücher.test"
      })
  void takesOriginalRecipients(String orcpt) {
    assertThat(parse("RCPT TO:<bob@mx.test> ORCPT=" + orcpt, Dialect.INTERNATIONAL))
        .isInstanceOfSatisfying(
            Command.Rcpt.class, rcpt -> assertThat(rcpt.recipient().original()).contains(orcpt));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@mx.test",
        "rfc822;",
        ";bob",
        "rfc 822;bob",
        "rfc822;bob+2b",
        "rfc822;bob+2",
        "rfc822;bob+00",
        "rfc822;bob+7F",
        "rfc822;jürgen",
        "rfc.822;bob",
        "utf-8;\\x{41}", // ASCII that may stand for itself
        "utf-8;\\x{00}",
        "utf-8;\\x{0A}",
        "utf-8;\\x{0D}",
        "utf-8;\\x{0FC}",
        "utf-8;\\x{D800}",
        "utf-8;\\x{DFFF}",
        "utf-8;\\x{110000}",
        "utf-8;\\x{1234567}",
        "utf-8;\\x{}",
        "utf-8;\\x{FC",
        "utf-8;\\xFC",
        "utf-8;\\u{FC}",
        "utf-8;a\\"
      })
  void refusesOthers(String orcpt) {
    assertThat(parse("RCPT TO:<bob@mx.test> ORCPT=" + orcpt, Dialect.INTERNATIONAL))
        .isInstanceOf(Malformed.class);
  }

  @Test
  void addressesAreCompletedWhereADomainIsSet() {
    CommandParser completing =
        new CommandParser(
            new Domain("mx.test"), false, false, Optional.of(new Domain("example.org")));
    byte[] mail = "MAIL FROM:<ann>".getBytes(UTF_8);
    byte[] rcpt = "RCPT TO:<\"b b\"> NOTIFY=NEVER".getBytes(UTF_8);

    assertThat(completing.parse(mail, 0, mail.length, Dialect.EXTENDED))
        .isInstanceOfSatisfying(
            Command.Mail.class,
            m -> assertThat(m.envelope().sender().wire()).isEqualTo("ann@example.org"));
    assertThat(completing.parse(rcpt, 0, rcpt.length, Dialect.EXTENDED))
        .isInstanceOfSatisfying(
            Command.Rcpt.class,
            r -> assertThat(r.recipient().address().wire()).isEqualTo("\"b b\"@example.org"));
    assertThat(parse("MAIL FROM:<ann>", Dialect.EXTENDED)).isInstanceOf(Malformed.class);
    assertThat(parse("RCPT TO:<ann>", Dialect.EXTENDED)).isInstanceOf(Malformed.class);
  }

  @Test
  void parametersHaveLengths() {
    String envid = "e".repeat(100);
    String orcpt = "rfc822;" + "o".repeat(493);

    assertThat(parse("MAIL FROM:<> ENVID=" + envid, Dialect.EXTENDED))
        .isInstanceOf(Command.Mail.class);
    assertThat(parse("MAIL FROM:<> ENVID=" + envid + "e", Dialect.EXTENDED))
        .isInstanceOf(Malformed.class);
    assertThat(parse("RCPT TO:<b@mx.test> ORCPT=" + orcpt, Dialect.EXTENDED))
        .isInstanceOf(Command.Rcpt.class);
    assertThat(parse("RCPT TO:<b@mx.test> ORCPT=" + orcpt + "o", Dialect.EXTENDED))
        .isInstanceOf(Malformed.class);
  }

  @Test
  void aPathIsAtMost256OctetsLong() {
    String rest = "@" + ".a".repeat(95).substring(1) + "." + "b".repeat(60);
    int room = AddressParser.MAX_PATH_OCTETS - 2 - rest.length();
    assertThat(room).isLessThan(Mailbox.MAX_LOCAL_OCTETS);
    String route = "<@r.test:";

    assertThat(parse("MAIL FROM:<" + rest + ">", Dialect.BASIC)).isInstanceOf(Malformed.class);
    assertThat(parse("MAIL FROM:<" + "l".repeat(room) + rest + ">", Dialect.BASIC))
        .isEqualTo(parse("MAIL FROM:<" + "l".repeat(room) + rest + ">", Dialect.BASIC))
        .isInstanceOf(room > 0 ? Command.Mail.class : Malformed.class);
    assertThat(parse("MAIL FROM:<" + "l".repeat(room + 1) + rest + ">", Dialect.BASIC))
        .isInstanceOf(Malformed.class);
    assertThat(parse("MAIL FROM:" + route + "l".repeat(room) + rest + ">", Dialect.BASIC))
        .isInstanceOf(Malformed.class);
  }

  @FuzzTest(maxDuration = "1m")
  void anyBytesAreACommandOrMalformed(byte[] input) {
    for (Dialect dialect : Dialect.values()) {
      Command command = parser.parse(input, 0, input.length, dialect);
      if (command instanceof Malformed(var reply, var reason, long chunk)) {
        assertThat(reply.isPermanent()).isTrue();
        assertThat(reply.status()).isPresent();
        assertThat(reason).isNotEmpty();
        assertThat(chunk).isGreaterThanOrEqualTo(Malformed.UNKNOWN_CHUNK);
      }
      if (command instanceof Command.Rcpt(Recipient recipient)) {
        assertThat(recipient.address().isAscii() || dialect == Dialect.INTERNATIONAL).isTrue();
      }
    }
  }

  private Command parse(String line, Dialect dialect) {
    byte[] bytes = ("\r\n" + line + "\r\n").getBytes(UTF_8);
    return parser.parse(bytes, 2, bytes.length - 2, dialect);
  }
}
