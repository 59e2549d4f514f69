package org.depesche.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.depesche.dns.Answer.Trouble;
import org.depesche.dns.Resolver.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every Resolver answers.
public interface ResolverContract {

  /// A resolver of this zone that is trusted with DNSSEC; the form is that of
  /// `org.depesche.testing.Zone`.
  Resolver resolver(String zone) throws Exception;

  @Test
  default void mailExchangersComeWithTheirPreference() throws Exception {
    Resolver resolver =
        resolver(
            """
            example.org. 60 MX 10 mx1.example.org.
            example.org. 60 MX 20 mx2.example.net.
            """);

    assertThat(resolver.mx("example.org"))
        .isEqualTo(
            new Answer.Found<>(
                List.of(new Mx(10, "mx1.example.org"), new Mx(20, "mx2.example.net")),
                false,
                "example.org",
                Duration.ofSeconds(60)));
  }

  @Test
  default void theRootAsExchangerIsTheNullMx() throws Exception {
    Answer<Mx> answer = resolver("example.org. MX 0 .").mx("example.org");

    assertThat(records(answer)).containsExactly(new Mx(0, ""));
    assertThat(records(answer).getFirst().isNull()).isTrue();
  }

  @Test
  default void aHundredRecordsAreAHundredRecords() throws Exception {
    Resolver resolver =
        resolver(
            IntStream.range(0, 100)
                .mapToObj(i -> "example.org. MX " + i + " mx" + i + ".example.org.")
                .collect(Collectors.joining("\n")));

    assertThat(records(resolver.mx("example.org"))).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  default void addressesAreOfTheFamilyAskedFor() throws Exception {
    Resolver resolver =
        resolver(
            """
            mx.example.org. A 192.0.2.1
            mx.example.org. A 192.0.2.2
            mx.example.org. AAAA 2001:db8::1
            """);

    assertThat(records(resolver.addresses("mx.example.org", Family.IPV4)))
        .containsExactly(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("192.0.2.2"));
    assertThat(records(resolver.addresses("mx.example.org", Family.IPV6)))
        .containsExactly(InetAddress.ofLiteral("2001:db8::1"));
  }

  @Test
  default void theStringsOfATextArePutTogether() throws Exception { // RFC 7208 §3.3
    Resolver resolver =
        resolver(
            """
            example.org. TXT "v=spf1 ip4:192.0.2.0/24 " "-all"
            example.org. TXT "something else"
            """);

    assertThat(records(resolver.txt("example.org")))
        .containsExactly("v=spf1 ip4:192.0.2.0/24 -all", "something else");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.9, 9.2.0.192.in-addr.arpa.",
    "2001:db8::1, 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
  })
  default void anAddressHasNames(String address, String reverse) throws Exception {
    Resolver resolver = resolver(reverse + " PTR Mail.Example.org.");

    assertThat(records(resolver.ptr(InetAddress.ofLiteral(address))))
        .containsExactly("mail.example.org");
  }

  @Test
  default void certificatesOfAServiceAreRead() throws Exception { // RFC 6698 §2.1
    Resolver resolver = resolver("_25._tcp.mx.example.org. TLSA 3 1 1 00FF" + "ab".repeat(30));

    assertThat(records(resolver.tlsa("_25._tcp.mx.example.org")))
        .containsExactly(new Tlsa(3, 1, 1, "00ff" + "ab".repeat(30)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org", "example.org.", "EXAMPLE.Org"})
  default void namesMayEndWithADotAndHaveNoCase(String name) throws Exception {
    Resolver resolver = resolver("example.org. MX 10 MX.Example.Org.");

    assertThat(records(resolver.mx(name))).containsExactly(new Mx(10, "mx.example.org"));
  }

  @Test
  default void aNameWithoutRecordsOfTheTypeHasNoData() throws Exception { // RFC 2308 §2.2
    Resolver resolver =
        resolver(
            """
            example.org. SOA ns.example.org. root.example.org. 1 3600 600 86400 30
            www.example.org. A 192.0.2.1
            """);

    assertThat(resolver.mx("www.example.org"))
        .isEqualTo(new Answer.NoData<Mx>(Duration.ofSeconds(30)));
  }

  @Test
  default void aNameAboveOthersIsThere() throws Exception {
    Resolver resolver = resolver("a.b.example.org. A 192.0.2.1");

    assertThat(resolver.mx("b.example.org")).isInstanceOf(Answer.NoData.class);
  }

  @Test
  default void aNameThatDoesNotExistIsNoSuchName() throws Exception { // RFC 2308 §2.1
    Resolver resolver =
        resolver(
            """
            example.org. 20 SOA ns.example.org. root.example.org. 1 3600 600 86400 3600
            """);

    assertThat(resolver.mx("missing.example.org"))
        .isEqualTo(new Answer.NoSuchName<Mx>(Duration.ofSeconds(20)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a..example.org", ".example.org", "LABEL.example.org", "NAME"})
  default void whatTheDnsCannotHoldDoesNotExist(String form) throws Exception {
    Resolver resolver = resolver("example.org. A 192.0.2.1");
    String name = form.replace("LABEL", "x".repeat(64)).replace("NAME", "x.".repeat(200));

    assertThat(resolver.mx(name)).isInstanceOf(Answer.NoSuchName.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SERVFAIL", "REFUSED", "MALFORMED"})
  default void troubleIsAnAnswerThatSaysWhatHappened(Trouble trouble) throws Exception {
    Resolver resolver = resolver("example.org. MX !" + trouble);

    assertThat(resolver.mx("example.org"))
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed -> {
              assertThat(failed.trouble()).isEqualTo(trouble);
              assertThat(failed.reason()).contains("MX", "example.org");
            });
  }

  @Test
  default void aliasesAreFollowed() throws Exception { // RFC 5321 §5.1
    Resolver resolver =
        resolver(
            """
            www.example.org. 50 CNAME alias.example.net.
            alias.example.net. 40 CNAME Real.Example.com.
            real.example.com. 60 MX 10 mx.example.com.
            """);

    assertThat(resolver.mx("www.example.org"))
        .isEqualTo(
            new Answer.Found<>(
                List.of(new Mx(10, "mx.example.com")),
                false,
                "real.example.com",
                Duration.ofSeconds(40)));
  }

  @Test
  default void anAliasOfNothingIsNoSuchName() throws Exception {
    Resolver resolver = resolver("www.example.org. CNAME gone.example.net.");

    assertThat(resolver.mx("www.example.org")).isInstanceOf(Answer.NoSuchName.class);
  }

  @Test
  default void anAliasOfANameWithoutRecordsHasNoData() throws Exception {
    Resolver resolver =
        resolver(
            """
            www.example.org. CNAME host.example.net.
            host.example.net. A 192.0.2.1
            """);

    assertThat(resolver.mx("www.example.org")).isInstanceOf(Answer.NoData.class);
  }

  @Test
  default void anAliasOfTroubleIsTrouble() throws Exception {
    Resolver resolver =
        resolver(
            """
            www.example.org. CNAME host.example.net.
            host.example.net. MX !SERVFAIL
            """);

    assertThat(trouble(resolver.mx("www.example.org"))).isEqualTo(Trouble.SERVFAIL);
  }

  @Test
  default void sixteenAliasesAreFollowedAndNoMore() throws Exception {
    String end = "a0.example.org. MX 10 mx.example.org.\n";
    String aliases =
        IntStream.range(0, 17)
            .mapToObj(i -> "a" + (i + 1) + ".example.org. CNAME a" + i + ".example.org.\n")
            .collect(Collectors.joining());
    Resolver resolver = resolver(end + aliases);

    assertThat(records(resolver.mx("a16.example.org"))).hasSize(1);
    assertThat(trouble(resolver.mx("a17.example.org"))).isEqualTo(Trouble.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"self.example.org", "a.example.org"})
  default void aLoopOfAliasesIsTrouble(String name) throws Exception {
    Resolver resolver =
        resolver(
            """
            self.example.org. CNAME self.example.org.
            a.example.org. CNAME b.example.org.
            b.example.org. CNAME a.example.org.
            """);

    assertThat(trouble(resolver.mx(name))).isEqualTo(Trouble.MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    "secure.example, true",
    "plain.example, false",
    "secure-alias.secure.example, true",
    "out.secure.example, false",
    "in.plain.example, false"
  })
  default void anAnswerIsAuthenticatedWhenAllOfItIs(String name, boolean authenticated)
      throws Exception { // RFC 4035 §4.9.3
    Resolver resolver =
        resolver(
            """
            secure.example. SECURE
            secure.example. MX 10 mx.secure.example.
            plain.example. MX 10 mx.plain.example.
            secure-alias.secure.example. CNAME secure.example.
            out.secure.example. CNAME plain.example.
            in.plain.example. CNAME secure.example.
            """);

    assertThat(resolver.mx(name))
        .isInstanceOfSatisfying(
            Answer.Found.class,
            found -> assertThat(found.authenticated()).isEqualTo(authenticated));
  }

  static <T> List<T> records(Answer<T> answer) {
    assertThat(answer).isInstanceOf(Answer.Found.class);
    return ((Answer.Found<T>) answer).records();
  }

  static Trouble trouble(Answer<?> answer) {
    assertThat(answer).isInstanceOf(Answer.Failed.class);
    return ((Answer.Failed<?>) answer).trouble();
  }
}
