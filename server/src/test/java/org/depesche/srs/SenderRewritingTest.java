package org.depesche.srs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.smtp.AddressParser;
import org.depesche.testing.ManualTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Senders of forwarded mail, there and back.
class SenderRewritingTest {

  private static final Domain HERE = new Domain("here.test");

  private final ManualTime time = new ManualTime();
  private final SenderRewriting ours = new SenderRewriting("ours".getBytes(UTF_8), time);
  private final SenderRewriting theirs = new SenderRewriting("theirs".getBytes(UTF_8), time);

  private static Mailbox at(String address) {
    return AddressParser.parseMailbox(address, true).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob@there.test",
        "Bob+Tag=x@there.test",
        "jürgen@bücher.test",
        "\"odd name\"@there.test",
        "srs0@there.test",
        "SRS0x=1@there.test"
      })
  void aNotificationFindsTheWayBack(String sender) {
    Mailbox forwarded = ours.forward(at(sender), HERE);

    assertThat(forwarded.host()).isEqualTo(HERE);
    assertThat(forwarded.localPart())
        .startsWith("SRS0=")
        .contains(((Domain) at(sender).host()).name());
    assertThat(ours.back(forwarded.localPart())).contains(at(sender));
    // As it comes back over the wire.
    assertThat(ours.back(at(forwarded.wire()).localPart())).contains(at(sender));
  }

  @Test
  void caseDoesNotMatterOnTheWay() {
    String local = ours.forward(at("bob@there.test"), HERE).localPart();

    assertThat(ours.back(local.toLowerCase(Locale.ROOT))).contains(at("bob@there.test"));
    assertThat(ours.back(local.toUpperCase(Locale.ROOT))).contains(at("BOB@there.test"));
  }

  @Test
  void severalForwardersAreTwoAtMost() {
    Mailbox first = theirs.forward(at("bob@there.test"), new Domain("first.test"));
    Mailbox second = ours.forward(first, HERE);
    assertThat(second.localPart()).startsWith("SRS1=").contains("=first.test==");
    assertThat(ours.back(second.localPart())).contains(first);

    Mailbox third = theirs.forward(second, new Domain("third.test"));
    assertThat(third.localPart()).startsWith("SRS1=").doesNotContain("=here.test");
    assertThat(theirs.back(third.localPart())).contains(first);
    assertThat(theirs.back(first.localPart())).contains(at("bob@there.test"));
  }

  @Test
  void nobodyElseCanHaveMailSentOn() {
    String local = ours.forward(at("bob@there.test"), HERE).localPart();

    assertThat(theirs.back(local)).isEmpty();
    assertThat(ours.back(local.replace("there.test", "victim.test"))).isEmpty();
    assertThat(ours.back(local.replace("=bob", "=rob"))).isEmpty();
    for (String nonsense :
        new String[] {"SRS0=", "SRS0=x", "SRS0==", "SRS1=a=b", "SRS0=a=b=c=d", "SRS", "srs0"}) {
      assertThat(ours.back(nonsense)).as(nonsense).isEmpty();
    }
  }

  @Test
  void anAddressLeadsNowhereAfterThreeWeeks() {
    String local = ours.forward(at("bob@there.test"), HERE).localPart();

    time.advance(Duration.ofDays(21));
    assertThat(ours.back(local)).isPresent();
    time.advance(Duration.ofDays(1));
    assertThat(ours.back(local)).isEmpty();
    time.advance(Duration.ofDays(1001));
    assertThat(ours.back(local)).as("one day before the same day of the next count").isEmpty();
  }

  @Test
  void aSenderWithoutADomainStaysAsItIs() {
    Mailbox literal = at("bob@[192.0.2.1]");

    assertThat(literal.host()).isInstanceOf(AddressLiteral.class);
    assertThat(ours.forward(literal, HERE)).isEqualTo(literal);
  }
}
