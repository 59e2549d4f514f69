package org.depesche.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.depesche.mail.BodyType;
import org.depesche.mail.Envelope;
import org.depesche.mail.Mailbox;
import org.depesche.mail.NullPath;
import org.depesche.mail.Recipient;
import org.depesche.mail.Reply;
import org.depesche.mail.Return;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The table of RFC 5321 §4.1.4 once more, as a table.
class CommandOrderTest {

  private static final Recipient BOB = new Recipient(new Mailbox("bob", "mx.test"));

  @ParameterizedTest
  @CsvSource(
      useHeadersInDisplayName = true,
      textBlock =
          """
          phase,        EHLO, HELO, MAIL, RCPT, DATA, BDAT, RSET, NOOP, VRFY, QUIT
          turned away,  503,  503,  503,  503,  503,  503,  503,  503,  503,  ok
          connected,    ok,   ok,   503,  503,  503,  503,  ok,   ok,   ok,   ok
          after HELO,   ok,   ok,   ok,   503,  503,  503,  ok,   ok,   ok,   ok
          after EHLO,   ok,   ok,   ok,   503,  503,  503,  ok,   ok,   ok,   ok
          MAIL,         ok,   ok,   503,  ok,   503,  503,  ok,   ok,   ok,   ok
          RCPT refused, ok,   ok,   503,  ok,   554,  554,  ok,   ok,   ok,   ok
          RCPT,         ok,   ok,   503,  ok,   ok,   ok,   ok,   ok,   ok,   ok
          RCPT by HELO, ok,   ok,   503,  ok,   ok,   503,  ok,   ok,   ok,   ok
          RCPT binary,  ok,   ok,   503,  ok,   503,  ok,   ok,   ok,   ok,   ok
          BDAT,         ok,   ok,   503,  503,  503,  ok,   ok,   ok,   ok,   ok
          """)
  void everyCommandInEveryPhase(
      String phase,
      String ehlo,
      String helo,
      String mail,
      String rcpt,
      String data,
      String bdat,
      String rset,
      String noop,
      String vrfy,
      String quit) {
    Phase now = phase(phase);

    assertThat(code(now, new Command.Ehlo("c.test"))).isEqualTo(ehlo);
    assertThat(code(now, new Command.Helo("c.test"))).isEqualTo(helo);
    assertThat(code(now, new Command.Mail(envelope(BodyType.SEVEN_BIT), -1))).isEqualTo(mail);
    assertThat(code(now, new Command.Rcpt(BOB))).isEqualTo(rcpt);
    assertThat(code(now, new Command.Data())).isEqualTo(data);
    assertThat(code(now, new Command.Bdat(1, true))).isEqualTo(bdat);
    assertThat(code(now, new Command.Rset())).isEqualTo(rset);
    assertThat(code(now, new Command.Noop())).isEqualTo(noop);
    assertThat(code(now, new Command.Vrfy("bob"))).isEqualTo(vrfy);
    assertThat(code(now, new Command.Quit())).isEqualTo(quit);
  }

  private static Phase phase(String name) {
    return switch (name) {
      case "turned away" -> new Phase.TurnedAway();
      case "connected" -> new Phase.Connected();
      case "after HELO" -> new Phase.Identified(false);
      case "after EHLO" -> new Phase.Identified(true);
      case "MAIL" -> transaction(true, false, false, envelope(BodyType.SEVEN_BIT));
      case "RCPT refused" -> transaction(true, true, false, envelope(BodyType.SEVEN_BIT));
      case "RCPT" -> transaction(true, true, false, envelope(BodyType.SEVEN_BIT, BOB));
      case "RCPT by HELO" -> transaction(false, false, false, envelope(BodyType.SEVEN_BIT, BOB));
      case "RCPT binary" -> transaction(true, false, false, envelope(BodyType.BINARY_MIME, BOB));
      case "BDAT" -> transaction(true, false, true, envelope(BodyType.SEVEN_BIT, BOB));
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Phase transaction(
      boolean extended, boolean refused, boolean chunked, Envelope envelope) {
    return new Phase.InTransaction(extended, envelope, refused, chunked);
  }

  private static Envelope envelope(BodyType body, Recipient... recipients) {
    return new Envelope(
        NullPath.INSTANCE, List.of(recipients), body, false, Return.UNSET, Optional.empty());
  }

  private static String code(Phase phase, Command command) {
    return CommandOrder.refusal(phase, command).map(Reply::code).map(String::valueOf).orElse("ok");
  }
}
