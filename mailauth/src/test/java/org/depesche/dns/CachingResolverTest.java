package org.depesche.dns;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.depesche.dns.Resolver.Family;
import org.depesche.testing.ZoneResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 60, unit = SECONDS)
class CachingResolverTest implements ResolverContract {

  private final AtomicLong nanos = new AtomicLong();

  @Override
  public Resolver resolver(String zone) {
    return caching(new ZoneResolver(zone));
  }

  private CachingResolver caching(Resolver resolver) {
    return new CachingResolver(resolver, 1000, nanos::get);
  }

  private void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  private static final String ZONE =
      """
      example.org. 3600 SOA ns.example.org. root.example.org. 1 3600 600 86400 60
      minute.example.org. 60 MX 10 mx.example.org.
      zero.example.org. 0 MX 10 mx.example.org.
      year.example.org. 31536000 MX 10 mx.example.org.
      nodata.example.org. A 192.0.2.1
      slow.example. 86400 SOA ns.slow.example. root.slow.example. 1 3600 600 86400 86400
      broken.example. MX !SERVFAIL
      """;

  @ParameterizedTest
  @CsvSource({
    "minute.example.org, PT60S",
    "zero.example.org, PT1S",
    "year.example.org, PT24H",
    "nodata.example.org, PT60S",
    "missing.example.org, PT60S",
    "missing.slow.example, PT15M",
    "missing.without.soa, PT1S",
    "broken.example, PT5S"
  })
  void anAnswerIsRememberedAsLongAsItHoldsWithinBounds(String name, Duration held) {
    ZoneResolver zone = new ZoneResolver(ZONE);
    Resolver resolver = caching(zone);

    Answer<Mx> first = resolver.mx(name);
    advance(held.minusMillis(1));
    assertThat(resolver.mx(name)).isEqualTo(first);
    assertThat(zone.asked()).hasSize(1);
    advance(Duration.ofMillis(1));
    resolver.mx(name);

    assertThat(zone.asked()).hasSize(2);
  }

  @Test
  void aNameInAnotherFormIsTheSameQuestion() {
    ZoneResolver zone = new ZoneResolver(ZONE);
    Resolver resolver = caching(zone);

    resolver.mx("minute.example.org");
    resolver.mx("MINUTE.example.org.");

    assertThat(zone.asked()).hasSize(1);
  }

  @Test
  void kindsOfQuestionsAreKeptApart() {
    ZoneResolver zone =
        new ZoneResolver(
            """
            x.example. MX 10 mx.example.
            x.example. A 192.0.2.1
            x.example. AAAA 2001:db8::1
            x.example. TXT "text"
            x.example. TLSA 3 1 1 00
            1.2.0.192.in-addr.arpa. PTR x.example.
            """);
    Resolver resolver = caching(zone);

    for (int i = 0; i < 2; i++) {
      assertThat(ResolverContract.records(resolver.mx("x.example")))
          .containsExactly(new Mx(10, "mx.example"));
      assertThat(ResolverContract.records(resolver.addresses("x.example", Family.IPV4)))
          .containsExactly(InetAddress.ofLiteral("192.0.2.1"));
      assertThat(ResolverContract.records(resolver.addresses("x.example", Family.IPV6)))
          .containsExactly(InetAddress.ofLiteral("2001:db8::1"));
      assertThat(ResolverContract.records(resolver.txt("x.example"))).containsExactly("text");
      assertThat(ResolverContract.records(resolver.tlsa("x.example"))).hasSize(1);
      assertThat(ResolverContract.records(resolver.ptr(InetAddress.ofLiteral("192.0.2.1"))))
          .containsExactly("x.example");
    }

    assertThat(zone.asked()).hasSize(6);
  }

  @Test
  void manyWhoAskTheSameAtOnceAskOnce() throws Exception {
    int many = 100;
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    ZoneResolver zone = new ZoneResolver(ZONE);
    Resolver resolver = caching(new Held(zone, asked, answer));
    List<Answer<Mx>> answers = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      threads.add(Thread.ofVirtual().start(() -> answers.add(resolver.mx("minute.example.org"))));
    }
    asked.await();
    answer.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(zone.asked()).hasSize(1);
    assertThat(answers).hasSize(many).containsOnly(answers.getFirst());
  }

  @Test
  void whoWaitsForAnotherQuestionDoesNotHoldUpTheRest() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    ZoneResolver zone = new ZoneResolver(ZONE);
    Resolver resolver = caching(new Held(zone, asked, answer));
    CompletableFuture<Answer<Mx>> held = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> held.complete(resolver.mx("minute.example.org")));
    asked.await();

    assertThat(resolver.txt("minute.example.org")).isInstanceOf(Answer.NoData.class);
    assertThat(held).isNotDone();

    answer.countDown();
    assertThat(held.get()).isInstanceOf(Answer.Found.class);
  }

  @Test
  void aLookUpThatBreaksIsTroubleAndNotRemembered() {
    ZoneResolver zone = new ZoneResolver("example.org. MX not-a-number mx.example.org.");
    Resolver resolver = caching(zone);

    assertThat(ResolverContract.trouble(resolver.mx("example.org")))
        .isEqualTo(Answer.Trouble.MALFORMED);
    zone.change("example.org. MX 10 mx.example.org.");

    assertThat(resolver.mx("example.org")).isInstanceOf(Answer.Found.class);
  }

  @Test
  void noMoreIsRememberedThanAllowed() {
    ZoneResolver zone = new ZoneResolver(ZONE);
    Resolver resolver = new CachingResolver(zone, 10, nanos::get);
    for (int round = 0; round < 2; round++) {
      IntStream.range(0, 1000).forEach(i -> resolver.txt("n" + i + ".slow.example"));
    }

    assertThat(zone.asked()).hasSizeGreaterThanOrEqualTo(2 * (1000 - 10));
  }

  @Test
  void largeAnswersCountAsSeveral() {
    String text = "\"" + "x".repeat(250) + "\" ";
    ZoneResolver zone =
        new ZoneResolver(
            IntStream.range(0, 10)
                .mapToObj(i -> "t" + i + ".example. TXT " + text.repeat(20) + "\n")
                .collect(Collectors.joining()));
    Resolver resolver = new CachingResolver(zone, 20, nanos::get);
    for (int round = 0; round < 2; round++) {
      IntStream.range(0, 10).forEach(i -> resolver.txt("t" + i + ".example"));
    }

    assertThat(zone.asked()).hasSizeGreaterThanOrEqualTo(18);
  }

  /// Answers about mail exchangers when it is told to.
  private record Held(Resolver resolver, CountDownLatch asked, CountDownLatch answer)
      implements Resolver {

    @Override
    public Answer<Mx> mx(String name) {
      asked.countDown();
      try {
        answer.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return resolver.mx(name);
    }

    @Override
    public Answer<InetAddress> addresses(String name, Family family) {
      return resolver.addresses(name, family);
    }

    @Override
    public Answer<String> txt(String name) {
      return resolver.txt(name);
    }

    @Override
    public Answer<String> ptr(InetAddress address) {
      return resolver.ptr(address);
    }

    @Override
    public Answer<Tlsa> tlsa(String name) {
      return resolver.tlsa(name);
    }
  }
}
