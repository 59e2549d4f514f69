package org.depesche.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.policy.RelayRules.Answer;
import org.depesche.policy.RelayRules.RelayDomain;
import org.depesche.smtp.AddressParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayRulesTest {

  private final RelayRules rules =
      new RelayRules(
          List.of(network("192.0.2.0/24"), network("2001:db8::/32")),
          List.of(
              new RelayDomain(new Domain("any.test"), List.of()),
              new RelayDomain(new Domain("bücher.test"), List.of()),
              new RelayDomain(
                  new Domain("listed.test"), List.of(new Mailbox("known", "listed.test")))));

  private static Network network(String text) {
    return Network.parse(text).orElseThrow();
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, x@anywhere.test, YES",
    "2001:db8:1::1, x@anywhere.test, YES",
    "192.0.3.1, x@anywhere.test, NO",
    "::ffff:192.0.2.1, x@anywhere.test, YES",
    "198.51.100.1, x@any.test, YES",
    "198.51.100.1, x@ANY.test, YES",
    "198.51.100.1, x@xn--bcher-kva.test, YES",
    "198.51.100.1, x@sub.any.test, NO",
    "198.51.100.1, x@[192.0.2.1], NO",
    "198.51.100.1, x%other.test@any.test, ROUTED_ADDRESS",
    "198.51.100.1, other.test!x@any.test, ROUTED_ADDRESS",
    "198.51.100.1, '\"x@other.test\"@any.test', ROUTED_ADDRESS",
    "198.51.100.1, KNOWN@listed.test, YES",
    "198.51.100.1, Postmaster@listed.test, YES",
    "198.51.100.1, unknown@listed.test, NO_SUCH_ADDRESS",
  })
  void whoMaySendWhere(String client, String to, Answer expected) {
    Mailbox recipient = AddressParser.parseMailbox(to, true).orElseThrow();

    assertThat(rules.answer(address(client), recipient)).isEqualTo(expected);
  }

  @Test
  void nothingIsRelayedUnlessSomethingSaysSo() {
    assertThat(RelayRules.NONE.answer(address("127.0.0.1"), new Mailbox("x", "any.test")))
        .isEqualTo(Answer.NO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1/24",
        "192.0.2.0/33",
        "example.org",
        "192.0.2",
        "2001:db8::1/32",
        "",
        "/8"
      })
  void whatIsNoNetworkIsRefused(String text) {
    assertThat(Network.parse(text)).isEmpty();
  }

  @Test
  void aNetworkIsWrittenAsItIsRead() {
    assertThat(network("10.0.0.0/8")).hasToString("10.0.0.0/8");
    assertThat(network("192.0.2.1")).hasToString("192.0.2.1/32");
    assertThat(network("0.0.0.0/0").contains(address("203.0.113.9"))).isTrue();
  }
}
