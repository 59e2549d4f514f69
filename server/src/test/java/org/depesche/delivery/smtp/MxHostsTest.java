package org.depesche.delivery.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.depesche.mail.AddressLiteral;
import org.depesche.mail.Domain;
import org.depesche.testing.ZoneResolver;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where mail for a domain goes, given what the DNS holds (RFC 5321 §5.1).
class MxHostsTest {

  private static final Ourselves US =
      new Ourselves(
          Set.of("mx.us.example"),
          Set.of(InetAddress.ofLiteral("198.51.100.1"), InetAddress.ofLiteral("2001:db8:1::1")));

  private static MxHosts hosts(ZoneResolver resolver) {
    return new MxHosts(resolver, US, new Random(7));
  }

  /// What is found, as text: `10 mx.example.org 192.0.2.1; 20 ...`, or why nothing is.
  private static String found(String zone, String domain) {
    return text(hosts(new ZoneResolver(zone)).find(new Domain(domain)));
  }

  private static String text(NextHops hops) {
    return switch (hops) {
      case NextHops.Hosts(var hosts) ->
          hosts.stream().map(MxHostsTest::text).collect(Collectors.joining("; "));
      case NextHops.NullMx _ -> "null MX";
      case NextHops.NoSuchDomain _ -> "no such domain";
      case NextHops.NoHost(var reason) -> "no host: " + reason;
      case NextHops.OurselvesOnly(var reason) -> "ourselves: " + reason;
      case NextHops.Undecided(var reason) -> "undecided: " + reason;
    };
  }

  private static String text(NextHop hop) {
    return hop.preference()
        + " "
        + hop.name()
        + hop.addresses().stream().map(a -> " " + a.getHostAddress()).collect(Collectors.joining())
        + (hop.authenticated() ? " secure" : "");
  }

  private static List<String> names(NextHops hops) {
    assertThat(hops).isInstanceOf(NextHops.Hosts.class);
    return ((NextHops.Hosts) hops).hosts().stream().map(NextHop::name).toList();
  }

  @Nested
  class Order {

    @Test
    void hostsStandByPreference() {
      assertThat(
              found(
                  """
                  example.org. MX 20 b.example.
                  example.org. MX 5 a.example.
                  example.org. MX 30 c.example.
                  a.example. A 192.0.2.1
                  b.example. A 192.0.2.2
                  c.example. A 192.0.2.3
                  """,
                  "example.org"))
          .isEqualTo("5 a.example 192.0.2.1; 20 b.example 192.0.2.2; 30 c.example 192.0.2.3");
    }

    @Test
    void equalPreferencesAreShuffledEachTime() {
      MxHosts hosts =
          hosts(
              new ZoneResolver(
                  """
                  example.org. MX 10 a.example.
                  example.org. MX 10 b.example.
                  example.org. MX 10 c.example.
                  example.org. MX 20 last.example.
                  a.example. A 192.0.2.1
                  b.example. A 192.0.2.2
                  c.example. A 192.0.2.3
                  last.example. A 192.0.2.4
                  """));
      Map<String, Integer> orders = new TreeMap<>();
      for (int i = 0; i < 6000; i++) {
        List<String> names = names(hosts.find(new Domain("example.org")));
        assertThat(names).last().isEqualTo("last.example");
        orders.merge(String.join(" ", names), 1, Integer::sum);
      }

      assertThat(orders).hasSize(6);
      assertThat(orders.values()).allMatch(count -> count > 850 && count < 1150);
    }

    @Test
    void addressesOfBothFamiliesStandByTurnsIpv6First() { // RFC 8305 §4
      assertThat(
              found(
                  """
                  example.org. MX 10 mx.example.
                  mx.example. A 192.0.2.1
                  mx.example. A 192.0.2.2
                  mx.example. A 192.0.2.3
                  mx.example. AAAA 2001:db8::1
                  mx.example. AAAA 2001:db8::2
                  """,
                  "example.org"))
          .isEqualTo(
              "10 mx.example 2001:db8:0:0:0:0:0:1 192.0.2.1 2001:db8:0:0:0:0:0:2 192.0.2.2"
                  + " 192.0.2.3");
    }

    @Test
    void aHostNamedTwiceIsTriedOnceAtItsBestPreference() {
      assertThat(
              found(
                  """
                  example.org. MX 20 mx.example.
                  example.org. MX 10 mx.example.
                  mx.example. A 192.0.2.1
                  """,
                  "example.org"))
          .isEqualTo("10 mx.example 192.0.2.1");
    }
  }

  @Nested
  class WithoutMx {

    @Test
    void theDomainItselfIsTheHost() {
      assertThat(found("example.org. A 192.0.2.1\nexample.org. AAAA 2001:db8::1", "example.org"))
          .isEqualTo("0 example.org 2001:db8:0:0:0:0:0:1 192.0.2.1");
    }

    @Test
    void aDomainWithoutAddressHasNoHost() {
      assertThat(found("example.org. TXT text", "example.org"))
          .isEqualTo("no host: no MX record, and example.org has no address");
    }

    @Test
    void aDomainThatDoesNotExistIsSaidSo() {
      assertThat(found("example.org. A 192.0.2.1", "example.com")).isEqualTo("no such domain");
    }

    @Test
    void nobodyLooksForAddressesOfADomainThatDoesNotExist() {
      ZoneResolver resolver = new ZoneResolver("example.org. A 192.0.2.1");

      hosts(resolver).find(new Domain("example.com"));

      assertThat(resolver.asked()).containsExactly("MX example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SERVFAIL", "TIMEOUT", "REFUSED", "MALFORMED"})
    void addressesThatCannotBeFoundOutMakeTheMailWait(String trouble) {
      assertThat(found("example.org. A !" + trouble + "\nexample.org. TXT text", "example.org"))
          .isEqualTo("undecided: A of example.org fails by script");
    }

    @Test
    void oneFamilyIsEnoughWhenTheOtherFails() {
      assertThat(found("example.org. AAAA !SERVFAIL\nexample.org. A 192.0.2.1", "example.org"))
          .isEqualTo("0 example.org 192.0.2.1");
    }
  }

  @Nested
  class WithMx {

    @Test
    void addressesOfTheDomainItselfAreNeverUsed() {
      ZoneResolver resolver =
          new ZoneResolver(
              """
              example.org. MX 10 gone.example.
              example.org. A 192.0.2.1
              """);

      assertThat(text(hosts(resolver).find(new Domain("example.org"))))
          .isEqualTo("no host: no MX host of example.org can be used: gone.example does not exist");
      assertThat(resolver.asked()).doesNotContain("A example.org", "AAAA example.org");
    }

    @Test
    void aNullMxTakesNoMail() { // RFC 7505 §3
      assertThat(found("example.org. MX 0 .\nexample.org. A 192.0.2.1", "example.org"))
          .isEqualTo("null MX");
    }

    @Test
    void aRootAmongOthersSaysNothing() { // RFC 7505 §3
      assertThat(
              found(
                  """
                  example.org. MX 0 .
                  example.org. MX 10 mx.example.
                  mx.example. A 192.0.2.1
                  """,
                  "example.org"))
          .isEqualTo("10 mx.example 192.0.2.1");
    }

    @Test
    void aDomainThatIsAnAliasHasTheHostsOfTheOther() {
      assertThat(
              found(
                  """
                  example.org. CNAME example.com.
                  example.com. MX 10 mx.example.
                  mx.example. A 192.0.2.1
                  """,
                  "example.org"))
          .isEqualTo("10 mx.example 192.0.2.1");
    }

    @Test
    void aHostThatIsAnAliasIsUsedAnyway() {
      assertThat(
              found(
                  """
                  example.org. MX 10 mx.example.
                  mx.example. CNAME host.example.
                  host.example. A 192.0.2.1
                  """,
                  "example.org"))
          .isEqualTo("10 mx.example 192.0.2.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
    void anAddressInPlaceOfANameIsNotUsed(String address) {
      ZoneResolver resolver = new ZoneResolver("example.org. MX 10 " + address + ".");

      assertThat(text(hosts(resolver).find(new Domain("example.org"))))
          .isEqualTo(
              "no host: no MX host of example.org can be used: "
                  + address
                  + " is an address where a name has to be");
      assertThat(resolver.asked()).containsExactly("MX example.org");
    }

    @Test
    void otherHostsAreUsedWhenOneNameIsAnAddress() {
      assertThat(
              found(
                  """
                  example.org. MX 10 192.0.2.1.
                  example.org. MX 20 mx.example.
                  mx.example. A 192.0.2.2
                  """,
                  "example.org"))
          .isEqualTo("20 mx.example 192.0.2.2");
    }

    @ParameterizedTest
    @CsvSource({
      "A, 0.0.0.0", // leads to this machine
      "A, 224.0.0.1",
      "AAAA, ::",
      "AAAA, ff02::1",
      "AAAA, ::ffff:192.0.2.1", // RFC 4291 §2.5.5.2
    })
    void addressesThatBelongToNoHostAreNotUsed(String type, String address) {
      assertThat(
              found(
                  "example.org. MX 10 mx.example.\nmx.example. " + type + " " + address,
                  "example.org"))
          .isEqualTo(
              "no host: no MX host of example.org can be used: mx.example has only addresses that"
                  + " belong to no host");
    }

    @Test
    void whatIsNotThereIsToldHostByHost() {
      assertThat(
              found(
                  """
                  example.org. MX 10 gone.example.
                  example.org. MX 20 empty.example.
                  empty.example. TXT text
                  """,
                  "example.org"))
          .isEqualTo(
              "no host: no MX host of example.org can be used: gone.example does not exist;"
                  + " empty.example has no address");
    }
  }

  @Nested
  class Trouble {

    @ParameterizedTest
    @ValueSource(strings = {"SERVFAIL", "TIMEOUT", "REFUSED", "MALFORMED"})
    void anMxLookUpThatFailsMakesTheMailWait(String trouble) {
      ZoneResolver resolver =
          new ZoneResolver("example.org. MX !" + trouble + "\nexample.org. A 192.0.2.1");

      assertThat(text(hosts(resolver).find(new Domain("example.org"))))
          .isEqualTo("undecided: MX of example.org fails by script");
      assertThat(resolver.asked()).containsExactly("MX example.org");
    }

    @Test
    void otherHostsAreUsedWhenTheAddressesOfOneCannotBeFoundOut() {
      assertThat(
              found(
                  """
                  example.org. MX 10 dead.example.
                  example.org. MX 20 mx.example.
                  dead.example. ANY !SERVFAIL
                  mx.example. A 192.0.2.1
                  """,
                  "example.org"))
          .isEqualTo("20 mx.example 192.0.2.1");
    }

    @Test
    void aHostThatMayHaveAddressesKeepsTheMailWaiting() {
      assertThat(
              found(
                  """
                  example.org. MX 10 dead.example.
                  example.org. MX 20 gone.example.
                  dead.example. ANY !TIMEOUT
                  """,
                  "example.org"))
          .isEqualTo("undecided: A of dead.example fails by script");
    }

    @Test
    void withAHostAtHandFewTroublesMoreAreWaitedFor() {
      String zone =
          "example.org. MX 1 mx.example.\nmx.example. A 192.0.2.1\n"
              + IntStream.range(10, 30)
                  .mapToObj(
                      i ->
                          "example.org. MX %1$d d%1$d.example.\nd%1$d.example. ANY !TIMEOUT\n"
                              .formatted(i))
                  .collect(Collectors.joining());
      ZoneResolver resolver = new ZoneResolver(zone);

      assertThat(text(hosts(resolver).find(new Domain("example.org"))))
          .isEqualTo("1 mx.example 192.0.2.1");
      assertThat(resolver.asked()).hasSize(1 + 2 * 4);
    }
  }

  @Nested
  class OurselvesInTheList {

    private static final String HOSTS =
        """
        first.example. A 192.0.2.1
        equal.example. A 192.0.2.2
        later.example. A 192.0.2.3
        mx.us.example. A 198.51.100.1
        other-name.us.example. A 192.0.2.77
        other-name.us.example. A 198.51.100.1
        six.us.example. AAAA 2001:db8:1::1
        """;

    @ParameterizedTest
    @ValueSource(
        strings = {"mx.us.example", "MX.Us.Example", "other-name.us.example", "six.us.example"})
    void onlyBetterHostsAreUsedThanUsByNameOrAddress(String us) {
      String zone =
          HOSTS
              + """
              example.org. MX 10 first.example.
              example.org. MX 20 equal.example.
              example.org. MX 20 US.
              example.org. MX 30 later.example.
              """
                  .replace("US", us);
      for (int seed = 0; seed < 10; seed++) {
        MxHosts hosts = new MxHosts(new ZoneResolver(zone), US, new Random(seed));

        assertThat(text(hosts.find(new Domain("example.org"))))
            .isEqualTo("10 first.example 192.0.2.1");
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx.us.example", "other-name.us.example", "six.us.example"})
    void mailWouldGoInCirclesWhenWeAreTheBest(String us) {
      String zone = HOSTS + "example.org. MX 10 " + us + ".\nexample.org. MX 20 later.example.\n";

      assertThat(found(zone, "example.org"))
          .isEqualTo(
              "ourselves: no MX host of example.org is better than this server, which does not"
                  + " know the domain");
    }

    @Test
    void aBetterHostThatCannotBeFoundOutNowIsWaitedFor() {
      String zone =
          HOSTS
              + """
              example.org. MX 10 dead.example.
              example.org. MX 20 mx.us.example.
              dead.example. ANY !SERVFAIL
              """;

      assertThat(found(zone, "example.org")).startsWith("undecided:");
    }

    @Test
    void aDomainWithoutMxWhoseAddressIsOursComesBackToUs() {
      assertThat(found("example.org. A 198.51.100.1", "example.org"))
          .isEqualTo(
              "ourselves: mail for example.org comes to this server, which does not know the"
                  + " domain");
    }

    @Test
    void anAddressLiteralOfOursComesBackToUs() {
      assertThat(text(hosts(new ZoneResolver("")).find(new AddressLiteral("198.51.100.1"))))
          .isEqualTo(
              "ourselves: mail for [198.51.100.1] comes to this server, which does not know the"
                  + " domain");
    }

    @ParameterizedTest
    @CsvSource({
      "127.0.0.1, 127.0.0.5",
      "127.0.0.1, IPv6:::1",
      "0.0.0.0, 127.255.0.1",
      "::, 127.0.0.1",
      "::, IPv6:::1",
    })
    void aMachineReachesItselfByManyAddresses(String listener, String literal) {
      MxHosts hosts =
          new MxHosts(
              new ZoneResolver("example.org. MX 10 here.example.\nhere.example. A 127.0.0.9"),
              new Ourselves(Set.of(), Set.of(InetAddress.ofLiteral(listener))),
              new Random(7));

      assertThat(text(hosts.find(new AddressLiteral(literal)))).startsWith("ourselves:");
      assertThat(text(hosts.find(new Domain("example.org")))).startsWith("ourselves:");
    }

    @Test
    void aHostThatASettingNamesMayBeOurs() {
      assertThat(text(hosts(new ZoneResolver("")).host("198.51.100.1")))
          .isEqualTo("0 198.51.100.1 198.51.100.1");
    }
  }

  @Nested
  class Bounds {

    @Test
    void noMoreThanTwentyHostsAreLookedUp() {
      String zone =
          IntStream.range(0, 100)
              .mapToObj(
                  i ->
                      "example.org. MX %1$d m%1$d.example.\nm%1$d.example. A 192.0.2.%1$d\n"
                          .formatted(i))
              .collect(Collectors.joining());
      ZoneResolver resolver = new ZoneResolver(zone);

      List<String> names = names(hosts(resolver).find(new Domain("example.org")));

      assertThat(names)
          .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "m" + i + ".example").toList());
      assertThat(resolver.asked()).hasSize(1 + 2 * 20);
    }

    @Test
    void noMoreThanEightAddressesOfAHostAndAHundredInAllAreTried() {
      List<String> zone = new ArrayList<>();
      for (int host = 0; host < 20; host++) {
        zone.add("example.org. MX %1$d m%1$d.example.".formatted(host));
        for (int address = 1; address <= 30; address++) {
          zone.add("m%d.example. A 192.0.%d.%d".formatted(host, host, address));
        }
      }

      NextHops found =
          hosts(new ZoneResolver(String.join("\n", zone))).find(new Domain("example.org"));

      assertThat(found).isInstanceOf(NextHops.Hosts.class);
      List<Integer> counts =
          ((NextHops.Hosts) found).hosts().stream().map(hop -> hop.addresses().size()).toList();
      assertThat(counts).hasSize(13).startsWith(8, 8, 8).endsWith(8, 4);
    }

    @Test
    void oursIsSeenAlsoBehindTheEighthAddress() {
      String zone =
          "example.org. MX 10 mx.example.\n"
              + IntStream.range(1, 20)
                  .mapToObj(i -> "mx.example. A 192.0.2." + i + "\n")
                  .collect(Collectors.joining())
              + "mx.example. A 198.51.100.1";

      assertThat(found(zone, "example.org")).startsWith("ourselves:");
    }
  }

  @Nested
  class Secured {

    @ParameterizedTest
    @CsvSource({
      "SECURE, SECURE, ' secure'",
      "SECURE, TXT x, ''",
      "TXT x, SECURE, ''",
      "TXT x, TXT x, ''"
    })
    void aHostIsAuthenticatedWhenMxAndAddressesAre(String domain, String host, String expected) {
      String zone =
          """
          example.org. MX 10 mx.example.
          mx.example. A 192.0.2.1
          example.org. DOMAIN
          mx.example. HOST
          """
              .replace("DOMAIN", domain)
              .replace("HOST", host);

      assertThat(found(zone, "example.org")).isEqualTo("10 mx.example 192.0.2.1" + expected);
    }
  }

  @Nested
  class Names {

    @ParameterizedTest
    @CsvSource({
      "bücher.example, xn--bcher-kva.example",
      "faß.example, xn--fa-hia.example",
      "例え.example, xn--r8jz45g.example",
      "BÜCHER.example, xn--bcher-kva.example"
    })
    void internationalDomainsAreLookedUpAsALabels(String domain, String ascii) { // RFC 5891 §5.5
      assertThat(found(ascii + ". A 192.0.2.1", domain)).isEqualTo("0 " + ascii + " 192.0.2.1");
    }

    @Test
    void aDomainWithoutAnALabelFormIsNotAskedFor() {
      ZoneResolver resolver = new ZoneResolver("");

      assertThat(text(hosts(resolver).find(new Domain("☃\u200d.example"))))
          .isEqualTo("no such domain");
      assertThat(resolver.asked()).isEmpty();
    }
  }

  @Nested
  class Literals {

    @ParameterizedTest
    @CsvSource({
      "192.0.2.1, 0 192.0.2.1 192.0.2.1",
      "IPv6:2001:db8::1, 0 2001:db8:0:0:0:0:0:1 2001:db8:0:0:0:0:0:1",
      "IPv6:::ffff:192.0.2.1, 0 192.0.2.1 192.0.2.1",
      "2001:db8::1, no host: [2001:db8::1] is of a kind this server cannot reach",
      "x400:abc, no host: [x400:abc] is of a kind this server cannot reach",
      "2130706433, no host: [2130706433] is of a kind this server cannot reach",
      "192.0.2.256, no host: [192.0.2.256] is of a kind this server cannot reach",
      "0.0.0.0, no host: [0.0.0.0] belongs to no host",
      "IPv6:::, no host: [IPv6:::] belongs to no host",
      "IPv6:::ffff:0.0.0.0, no host: [IPv6:::ffff:0.0.0.0] belongs to no host",
      "224.0.0.1, no host: [224.0.0.1] belongs to no host",
      "127.0.0.5, 0 127.0.0.5 127.0.0.5",
    })
    void aLiteralIsTheHostAndNothingIsLookedUp(String content, String expected) { // §4.1.3
      ZoneResolver resolver = new ZoneResolver("");

      assertThat(text(hosts(resolver).find(new AddressLiteral(content)))).isEqualTo(expected);
      assertThat(resolver.asked()).isEmpty();
    }
  }

  @Nested
  class NamedByASetting {

    private static final String ZONE =
        """
        relay.example. MX 10 elsewhere.example.
        relay.example. A 192.0.2.1
        elsewhere.example. A 192.0.2.2
        xn--bcher-kva.example. A 192.0.2.3
        empty.example. TXT text
        dead.example. ANY !TIMEOUT
        """;

    @ParameterizedTest
    @CsvSource({
      "relay.example, 0 relay.example 192.0.2.1",
      "bücher.example, 0 xn--bcher-kva.example 192.0.2.3",
      "192.0.2.9, 0 192.0.2.9 192.0.2.9",
      "2001:db8::9, 0 2001:db8:0:0:0:0:0:9 2001:db8:0:0:0:0:0:9",
      "gone.example, no such domain",
      "empty.example, no host: empty.example has no address",
      "dead.example, undecided: A of dead.example fails by script"
    })
    void aHostHasItsOwnAddressesWhateverMxSays(String host, String expected) {
      ZoneResolver resolver = new ZoneResolver(ZONE);

      assertThat(text(hosts(resolver).host(host))).isEqualTo(expected);
      assertThat(resolver.asked()).noneMatch(question -> question.startsWith("MX"));
    }
  }
}
