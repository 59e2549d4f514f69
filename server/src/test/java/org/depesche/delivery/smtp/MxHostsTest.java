package org.depesche.delivery.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.testing.ZoneResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where mail for a domain goes: RFC 5321 §5.1, RFC 7505.
class MxHostsTest {

  private static final String ZONE =
      """
      two.test MX 20 b.test
      two.test MX 10 a.test
      equal.test MX 10 a.test
      equal.test MX 10 b.test
      equal.test MX 10 c.test
      implicit.test A 192.0.2.9
      six.test AAAA 2001:db8::6
      alias.test CNAME two.test
      to-alias.test MX 10 nick.test
      nick.test CNAME a.test
      null.test MX 0 .
      nothing.test TXT x
      lost.test MX 10 gone.test
      half.test MX 10 gone.test
      half.test MX 20 a.test
      broken.test SERVFAIL
      slow.test TIMEOUT
      broken-host.test MX 10 broken.test
      half-broken.test MX 10 broken.test
      half-broken.test MX 20 a.test
      backup.test MX 10 a.test
      backup.test MX 20 mx.us.test
      backup.test MX 30 c.test
      ours.test MX 10 mx.us.test
      ours.test MX 10 a.test
      number.test MX 10 192.0.2.1
      a.test A 192.0.2.1
      b.test A 192.0.2.2
      c.test A 192.0.2.3
      dual.test A 192.0.2.4
      dual.test A 192.0.2.5
      dual.test AAAA 2001:db8::4
      xn--bcher-kva.test MX 10 a.test
      """;

  private static NextHops find(String domain) {
    return new MxHosts(ZoneResolver.of(ZONE), Set.of("mx.us.test"), new Random(1))
        .find(new Domain(domain));
  }

  private static List<String> names(NextHops hops) {
    return ((NextHops.Hosts) hops).hosts().stream().map(NextHop::name).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "two.test, a.test b.test",
    "implicit.test, implicit.test",
    "six.test, six.test",
    "alias.test, a.test b.test",
    "to-alias.test, nick.test",
    "half.test, a.test",
    "half-broken.test, a.test",
    "backup.test, a.test",
    "TWO.test, a.test b.test",
  })
  void hostsInTheOrderTheyAreTried(String domain, String hosts) {
    assertThat(names(find(domain))).containsExactly(hosts.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "null.test, NullMx",
    "missing.test, NoSuchDomain",
    "nothing.test, NoHost",
    "lost.test, NoHost",
    "number.test, NoHost",
    "broken.test, Undecided",
    "slow.test, Undecided",
    "broken-host.test, Undecided",
    "ours.test, OurselvesOnly",
  })
  void whatIsNotThereIsToldFromWhatCannotBeFoundOut(String domain, String expected) {
    assertThat(find(domain).getClass().getSimpleName()).isEqualTo(expected);
  }

  @Test
  void hostsOfEqualPreferenceTakeTurns() {
    Set<List<String>> orders = new HashSet<>();
    MxHosts hosts = new MxHosts(ZoneResolver.of(ZONE), Set.of(), new Random(1));
    for (int i = 0; i < 200; i++) {
      orders.add(names(hosts.find(new Domain("equal.test"))));
    }

    assertThat(orders).hasSize(6);
  }

  @Test
  void addressFamiliesTakeTurnsAndIpv6IsFirst() {
    NextHops.Hosts hops =
        (NextHops.Hosts)
            new MxHosts(ZoneResolver.of(ZONE), Set.of(), new Random(1)).host("dual.test");

    assertThat(
            hops.hosts().getFirst().addresses().stream()
                .map(InetAddress::getHostAddress)
                .collect(Collectors.joining(" ")))
        .isEqualTo("2001:db8:0:0:0:0:0:4 192.0.2.4 192.0.2.5");
  }

  @Test
  void anAddressLiteralIsTheHost() {
    MxHosts hosts = new MxHosts(ZoneResolver.of(""), Set.of(), new Random(1));

    assertThat(names(hosts.find(new AddressLiteral("192.0.2.7")))).containsExactly("192.0.2.7");
    assertThat(names(hosts.find(new AddressLiteral("IPv6:2001:db8::7"))))
        .containsExactly("2001:db8:0:0:0:0:0:7");
    assertThat(hosts.find(new AddressLiteral("x400:c=de"))).isInstanceOf(NextHops.NoHost.class);
  }

  @Test
  void aDomainWithManyHostsIsTriedAtTheBestOfThem() {
    StringBuilder zone = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      zone.append("many.test MX ").append(i).append(" h").append(i).append(".test\n");
      zone.append("h").append(i).append(".test A 192.0.2.").append(i).append('\n');
    }
    MxHosts hosts = new MxHosts(ZoneResolver.of(zone.toString()), Set.of(), new Random(1));

    assertThat(names(hosts.find(new Domain("many.test")))).hasSize(20).startsWith("h0.test");
  }
}
