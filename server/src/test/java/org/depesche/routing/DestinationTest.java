package org.depesche.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

  @ParameterizedTest
  @CsvSource({
    "Example.ORG, example.org",
    "example.org., example.org",
    "müller.test, xn--mller-kva.test",
    "xn--mller-kva.test, xn--mller-kva.test",
    "mx there.test, there.test",
    "[192.0.2.1], [192.0.2.1]",
    "[ipv6:2001:DB8::1], [IPv6:2001:db8::1]",
    "Alice@Example.org, alice@example.org",
    "local alice@example.org, alice@example.org",
    "smtp://Host.test, smtp://host.test:25",
    "lmtp://[2001:db8::1]:24, lmtp://[2001:db8::1]:24",
    "lmtp+unix:///run/Lmtp.Sock, lmtp+unix:///run/Lmtp.Sock",
    "*, *"
  })
  void hasOneName(String text, String name) {
    assertThat(Destination.parse(text)).map(Destination::name).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "foo bar", "http://host", "a@", "@b", "..", "x\ny", "smtp://h:0"})
  void isNothingElse(String text) {
    assertThat(Destination.parse(text)).isEmpty();
  }

  private static boolean is(String text, Route route) {
    return Destination.parse(text).orElseThrow().isOf(route);
  }

  @Test
  void isThatOfARouteHoweverItIsSpelled() {
    Route mx = new Route.Mx(new Domain("xn--mller-kva.test"));
    Route literal = new Route.Mx(new AddressLiteral("192.0.2.1"));
    Route socket = new Route.Relay(RelayTarget.parse("lmtp+unix:///run/Lmtp.Sock").orElseThrow());
    Route mailbox = new Route.Local(new Mailbox("Alice", "müller.test"));

    assertThat(is("Müller.test.", mx)).isTrue();
    assertThat(is("muller.test", mx)).isFalse();
    assertThat(is("[192.0.2.1]", literal)).isTrue();
    assertThat(is("lmtp+unix:///run/Lmtp.Sock", socket)).isTrue();
    assertThat(is("lmtp+unix:///run/lmtp.sock", socket)).isFalse();
    assertThat(is("alice@MÜLLER.test", mailbox)).isTrue();
    assertThat(is("müller.test", mailbox)).isTrue();
    assertThat(is("bob@müller.test", mailbox)).isFalse();
    assertThat(is("*", mx)).isTrue();
    assertThat(is("*", socket)).isTrue();
    assertThat(is("*", mailbox)).as("ours").isFalse();
  }
}
