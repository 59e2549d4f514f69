package org.depesche.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.depesche.directory.Directory;
import org.depesche.directory.Resolution;
import org.depesche.mail.Domain;
import org.depesche.mail.Mailbox;
import org.depesche.mail.Recipient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {

  private static RouteTable.Entry entry(String pattern, String to) {
    return new RouteTable.Entry(pattern, RelayTarget.parse(to).orElseThrow());
  }

  private static final RouteTable TABLE =
      new RouteTable(
          List.of(
              entry("exact.test", "smtp://exact.host:25"),
              entry(".below.test", "lmtp://below.host:24"),
              entry("bücher.test", "smtp://books.host"),
              entry("handed.ours.test", "lmtp+unix:///run/lmtp"),
              entry("*", "smtp://[2001:db8::1]:2525")));

  /// Our domains end in `ours.test`; `all` is an alias of two mailboxes.
  private static final Directory DIRECTORY =
      new Directory() {
        @Override
        public boolean isLocal(Domain domain) {
          return domain.name().endsWith("ours.test");
        }

        @Override
        public Resolution resolve(Mailbox address) {
          if (!(address.host() instanceof Domain domain) || !isLocal(domain)) {
            return new Resolution.Foreign();
          }
          return address.localPart().equals("all")
              ? new Resolution.Found(
                  List.of(new Mailbox("a", domain.name()), new Mailbox("b", domain.name())))
              : new Resolution.Found(List.of(address));
        }
      };

  private static Map<Route, List<Leg>> plan(RouteTable table, String via, String... addresses) {
    TreeMap<Integer, Recipient> recipients = new TreeMap<>();
    Map<Integer, Progress> chosen = new TreeMap<>();
    for (int i = 0; i < addresses.length; i++) {
      String[] parts = addresses[i].split("@");
      recipients.put(i, new Recipient(new Mailbox(parts[0], parts[1])));
      chosen.put(i, new Progress(via, List.of()));
    }
    return new Router(DIRECTORY, table).plan(recipients, chosen);
  }

  @ParameterizedTest
  @CsvSource({
    "x@exact.test, smtp://exact.host:25",
    "x@EXACT.test, smtp://exact.host:25",
    "x@sub.exact.test, smtp://[2001:db8::1]:2525",
    "x@sub.below.test, lmtp://below.host:24",
    "x@below.test, smtp://[2001:db8::1]:2525",
    "x@xn--bcher-kva.test, smtp://books.host:25",
    "x@bücher.test, smtp://books.host:25",
    "x@ours.test, local x@ours.test",
    "x@handed.ours.test, lmtp+unix:///run/lmtp",
  })
  void theFirstEntryThatMatchesCountsAndOursAreNotTheWorld(String address, String route) {
    assertThat(plan(TABLE, "", address).keySet()).hasToString("[" + route + "]");
  }

  @Test
  void withoutAnEntryMxRecordsSayWhereItGoesHoweverTheDomainIsSpelled() {
    assertThat(plan(RouteTable.EMPTY, "", "a@bücher.example", "b@xn--bcher-kva.example"))
        .hasSize(1)
        .containsKey(new Route.Mx(new Domain("xn--bcher-kva.example")));
  }

  @Test
  void anAliasHasTheAddressesItStandsForAlsoAtANextHop() {
    Map<Route, List<Leg>> plan = plan(TABLE, "", "all@handed.ours.test", "a@handed.ours.test");

    assertThat(plan).hasSize(1);
    assertThat(plan.values().iterator().next())
        .containsExactly(
            new Leg(0, new Mailbox("a", "handed.ours.test"), true),
            new Leg(0, new Mailbox("b", "handed.ours.test"), true),
            new Leg(1, new Mailbox("a", "handed.ours.test")));
  }

  @Test
  void anOperatorsChoiceGoesBeforeAll() {
    assertThat(plan(TABLE, "smtp://other.host:26", "x@exact.test").keySet())
        .hasToString("[smtp://other.host:26]");
  }

  @ParameterizedTest
  @CsvSource({
    "smtp://host, smtp://host:25",
    "LMTP://Host:2400, lmtp://host:2400",
    "lmtp://host, lmtp://host:24",
    "smtp://[::1], smtp://[::1]:25",
    "lmtp+unix:///var/run/x.sock, lmtp+unix:///var/run/x.sock",
  })
  void nextHopsAreReadAndWritten(String text, String written) {
    assertThat(RelayTarget.parse(text)).hasToString("Optional[" + written + "]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "smtp:host",
        "smtp://",
        "smtp://h:0",
        "smtp://h:65536",
        "http://h",
        "smtp://a b",
        "lmtp+unix://relative",
        "smtp://u@h",
        "smtp://h/path"
      })
  void whatIsNoNextHopIsRefused(String text) {
    assertThat(RelayTarget.parse(text)).isEmpty();
  }
}
