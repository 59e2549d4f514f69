package org.depesche.dsn;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
