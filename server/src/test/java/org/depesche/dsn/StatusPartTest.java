package org.depesche.dsn;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.EnhancedStatus;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Notify;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The fields that programs read about a recipient (RFC 3464 §2.3).
class StatusPartTest {

  private static final Instant NOW = Instant.parse("2026-11-23T13:30:00Z");
  private static final Mailbox BOB = new Mailbox("bob", "there.test");

  private static String status(Report report, boolean utf8) {
    return StatusPart.of("mx.here.test", Optional.empty(), NOW, List.of(report), NOW, utf8);
  }

  private static Report report(Action action, String host, Reply reply) {
    return new Report(
        new Recipient(BOB),
        BOB,
        action,
        reply.status().orElseThrow(),
        host + " said: " + reply,
        Optional.of(host),
        Optional.of(reply),
        Optional.empty());
  }

  // RFC 3464 §2.3.4: a class of 4 is a failure that may pass.
  @ParameterizedTest
  @CsvSource({
    "DELAYED, 554, 5.7.1, 4.7.1",
    "DELAYED, 451, 4.3.0, 4.3.0",
    "FAILED,  554, 5.7.1, 5.7.1",
    "FAILED,  451, 4.4.7, 4.4.7",
  })
  void whatIsStillTriedHasNotFailedForGood(Action action, int code, String said, String told) {
    String status = status(report(action, "mx.test", Reply.of(code, said, "go away")), false);

    assertThat(status)
        .contains("\r\nStatus: " + told + "\r\n")
        .contains("\r\nDiagnostic-Code: smtp; " + code + " " + said + " go away\r\n");
  }

  // RFC 3464 §2.3.5: a domain name, or an address literal as of RFC 5321 §4.1.3.
  @ParameterizedTest
  @CsvSource({
    "mx.there.test,             mx.there.test",
    "mx.there.test[192.0.2.1],  mx.there.test",
    "mx.there.test:25,          mx.there.test",
    "mx.there.test[2001:db8::1],mx.there.test",
    "192.0.2.1,                 [192.0.2.1]",
    "192.0.2.1:2525,            [192.0.2.1]",
    "2001:db8::1,               [IPv6:2001:db8::1]",
    "[2001:db8::1]:24,          [IPv6:2001:db8::1]",
  })
  void theServerByItsName(String host, String name) {
    assertThat(status(report(Action.FAILED, host, Reply.of(550, "5.1.1", "no")), false))
        .contains("\r\nRemote-MTA: dns; " + name + "\r\n");
  }

  @Test
  void aSocketOfThisMachineIsNoServerOfTheDns() {
    assertThat(status(report(Action.FAILED, "/run/lmtp", Reply.of(550, "5.1.1", "no")), false))
        .doesNotContain("Remote-MTA");
  }

  private static String status(Mailbox address, String orcpt, boolean utf8) {
    return status(
        new Report(
            new Recipient(address, Notify.DEFAULT, Optional.of(orcpt)),
            address,
            Action.FAILED,
            EnhancedStatus.parse("5.1.1"),
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        utf8);
  }

  // RFC 6533 §3: in a part with UTF-8 without the encoding, in one without UTF-8 with it.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "utf-8;j\\x{F6}rg@x.test          | utf-8;jörg@x.test       | utf-8;j\\x{F6}rg@x.test",
        "utf-8;jörg@x.test                | utf-8;jörg@x.test       | utf-8;j\\x{F6}rg@x.test",
        "UTF-8;j\\x{f6}rg\\x{2B}a@x.test  | UTF-8;jörg+a@x.test     |"
            + " UTF-8;j\\x{F6}rg\\x{2B}a@x.test",
        "utf-8;\\x{1F600}+a@x.test        | utf-8;\uD83D\uDE00+a@x.test |"
            + " utf-8;\\x{1F600}\\x{2B}a@x.test",
        "utf-8;bob@x.test                 | utf-8;bob@x.test        | utf-8;bob@x.test",
        "rfc822;Bob+2B@x.test             | rfc822;Bob+@x.test      | rfc822;Bob+@x.test",
        "rfc822;j\\x{F6}rg@x.test         | rfc822;j\\x{F6}rg@x.test | rfc822;j\\x{F6}rg@x.test",
      })
  void theAddressAsItWasGiven(String orcpt, String withUtf8, String without) {
    assertThat(status(BOB, orcpt, true)).contains("\r\nOriginal-Recipient: " + withUtf8 + "\r\n");
    assertThat(status(BOB, orcpt, false)).contains("\r\nOriginal-Recipient: " + without + "\r\n");
  }

  // RFC 6533 §3: what is no address behind its encoding is copied. Nor may a character that cannot
  // be seen come out of it.
  @ParameterizedTest
  @ValueSource(
      strings = {"j\\x{F6}rg", "\\x{F6}@x.test\\x{20}a", "a\\x{202E}b@x.test", "a\\x{11}@x.test"})
  void whatIsNoAddressStaysAsItWasGiven(String given) {
    assertThat(status(BOB, "utf-8;" + given, true))
        .contains("\r\nOriginal-Recipient: utf-8;" + given + "\r\n");
    assertThat(status(BOB, "utf-8;" + given, false))
        .contains("\r\nOriginal-Recipient: utf-8;" + given + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"j\\x{FFFFFF}@x.test", "j\\x{D800}@x.test", "j\\x{}@x.test"})
  void whatStandsForNoCharacter(String given) {
    assertThat(status(BOB, "utf-8;" + given, true))
        .contains("\r\nOriginal-Recipient: utf-8;" + given + "\r\n");
  }

  @Test
  void theAddressWhereItWasTried() {
    Mailbox german = new Mailbox("jürgen a", "bücher.test");

    assertThat(status(german, "rfc822;x@x.test", true))
        .contains("\r\nFinal-Recipient: utf-8; \"jürgen a\"@bücher.test\r\n");
    assertThat(status(german, "rfc822;x@x.test", false))
        .contains("\r\nFinal-Recipient: utf-8; \"j\\x{FC}rgen\\x{20}a\"@b\\x{FC}cher.test\r\n");
    assertThat(status(BOB, "rfc822;x@x.test", false))
        .contains("\r\nFinal-Recipient: rfc822; bob@there.test\r\n");
  }
}
