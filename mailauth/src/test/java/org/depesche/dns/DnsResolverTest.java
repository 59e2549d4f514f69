package org.depesche.dns;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.depesche.dns.Answer.Trouble;
import org.depesche.testing.NameServer;
import org.depesche.testing.NameServer.Manner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A resolver that asks real servers over loopback, good ones and bad ones.
@Timeout(value = 120, unit = SECONDS)
class DnsResolverTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final String ZONE = "example.org. MX 10 mx.example.org.\n";
  private static final List<Mx> RECORDS = List.of(new Mx(10, "mx.example.org"));

  private final List<NameServer> servers = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (NameServer server : servers) {
      server.close();
    }
  }

  private NameServer serving(NameServer server) {
    servers.add(server);
    return server;
  }

  private NameServer server(Manner manner) throws IOException {
    return serving(new NameServer(ZONE, true, manner));
  }

  private static Resolver asking(Duration timeout, int tries, NameServer... servers) {
    return new DnsResolver(
        new DnsSettings(
            Arrays.stream(servers).map(NameServer::address).toList(), timeout, tries, false));
  }

  /// Changes what the zone says before it goes out.
  private interface Change {
    void to(Message answer) throws IOException;
  }

  private static Manner saying(Change change) {
    return (question, answer, tcp) -> {
      change.to(answer);
      return Manner.honest().reply(question, answer, tcp);
    };
  }

  private static Name name(String text) throws IOException {
    return Name.fromString(text);
  }

  @Nested
  class OfARecursiveServer implements ResolverContract {
    @Override
    public Resolver resolver(String zone) throws IOException {
      return trusting(serving(new NameServer(zone, true, Manner.honest())));
    }
  }

  @Nested
  class OfAServerThatStopsAtAliases implements ResolverContract {
    @Override
    public Resolver resolver(String zone) throws IOException {
      return trusting(serving(new NameServer(zone, false, Manner.honest())));
    }
  }

  private static Resolver trusting(NameServer server) {
    return new DnsResolver(new DnsSettings(List.of(server.address()), LONG, 2, true));
  }

  @Test
  void anAnswerThatDoesNotFitIsAskedForOverTcp() throws Exception { // RFC 7766 §5
    NameServer server =
        serving(
            new NameServer(
                IntStream.range(0, 100)
                    .mapToObj(
                        i -> "example.org. MX " + i + " mx" + i + ".other" + i + ".example.\n")
                    .collect(Collectors.joining())));

    assertThat(ResolverContract.records(asking(LONG, 1, server).mx("example.org"))).hasSize(100);
    assertThat(server.asked()).containsExactly("udp MX example.org", "tcp MX example.org");
  }

  @Test
  void whatIsCutOffOverTcpTooIsNotBelieved() throws Exception {
    NameServer server = server(saying(answer -> answer.getHeader().setFlag(Flags.TC)));

    assertThat(ResolverContract.trouble(asking(LONG, 1, server).mx("example.org")))
        .isEqualTo(Trouble.MALFORMED);
  }

  @Test
  void aServerThatHangsUpOverTcpIsAskedAgain() throws Exception {
    AtomicInteger overTcp = new AtomicInteger();
    NameServer server =
        server(
            (question, answer, tcp) -> {
              if (!tcp) {
                answer.getHeader().setFlag(Flags.TC);
              }
              return tcp && overTcp.getAndIncrement() == 0 ? new byte[0] : answer.toWire();
            });

    assertThat(ResolverContract.records(asking(LONG, 2, server).mx("example.org")))
        .isEqualTo(RECORDS);
  }

  @Test
  void aLostPacketIsSentAgainAsANewQuestion() throws Exception {
    AtomicInteger count = new AtomicInteger();
    NameServer server =
        server(
            (question, answer, _) -> count.getAndIncrement() == 0 ? new byte[0] : answer.toWire());

    assertThat(
            ResolverContract.records(asking(Duration.ofMillis(500), 20, server).mx("example.org")))
        .isEqualTo(RECORDS);
    assertThat(server.questions()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(server.questions().stream().map(q -> q.getHeader().getID()).distinct().count())
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void silenceEndsAfterAllTries() throws Exception {
    NameServer server = server((_, _, _) -> new byte[0]);

    assertThat(asking(SHORT, 3, server).mx("example.org"))
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed -> {
              assertThat(failed.trouble()).isEqualTo(Trouble.TIMEOUT);
              assertThat(failed.reason())
                  .isEqualTo(
                      "MX of example.org: no answer in time from 127.0.0.1 port "
                          + server.address().getPort());
            });
  }

  @Test
  void aServerThatIsNotThereIsLikeASilentOne() throws Exception {
    InetSocketAddress nobody;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(free.getLocalAddress(), free.getLocalPort());
    }

    assertThat(
            ResolverContract.trouble(
                new DnsResolver(new DnsSettings(List.of(nobody), LONG, 2, false))
                    .mx("example.org")))
        .isEqualTo(Trouble.TIMEOUT);
  }

  @Test
  void theNextServerIsAskedWhenOneRefuses() throws Exception {
    NameServer refusing = server(saying(answer -> answer.getHeader().setRcode(Rcode.REFUSED)));
    NameServer good = server(Manner.honest());

    assertThat(ResolverContract.records(asking(LONG, 3, refusing, good).mx("example.org")))
        .isEqualTo(RECORDS);
  }

  @Test
  void theNextServerIsAskedWhenOneIsSilent() throws Exception {
    NameServer silent = server((_, _, _) -> new byte[0]);
    NameServer good = server(Manner.honest());

    assertThat(
            ResolverContract.records(
                asking(Duration.ofSeconds(2), 2, silent, good).mx("example.org")))
        .isEqualTo(RECORDS);
  }

  @Test
  void whoRefusesIsNotAskedAgain() throws Exception {
    NameServer failing = server(saying(answer -> answer.getHeader().setRcode(Rcode.SERVFAIL)));

    assertThat(ResolverContract.trouble(asking(LONG, 5, failing).mx("example.org")))
        .isEqualTo(Trouble.SERVFAIL);
    assertThat(failing.asked()).hasSize(1);
  }

  @Test
  void theReasonOfAFailureIsPassedOnWithoutTheFreeText() throws Exception { // RFC 8914 §2
    NameServer server =
        server(
            saying(
                answer -> {
                  answer.getHeader().setRcode(Rcode.SERVFAIL);
                  answer.addRecord(
                      new OPTRecord(
                          1232, 0, 0, 0, List.of(new ExtendedErrorCodeOption(6, "call 555-1234"))),
                      Section.ADDITIONAL);
                }));

    assertThat(asking(LONG, 1, server).mx("example.org"))
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .isEqualTo("MX of example.org: the DNS says SERVFAIL (DNSSEC_BOGUS)"));
  }

  private static Arguments lie(String what, Manner manner) {
    return Arguments.argumentSet(what, manner);
  }

  @SuppressWarnings("unused") // by name
  static final List<Arguments> NOT_ANSWERS =
      List.of(
          lie("random octets", (_, _, _) -> new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}),
          lie("one octet", (_, _, _) -> new byte[] {1}),
          lie(
              "half of an answer",
              (_, answer, _) -> {
                byte[] all = answer.toWire();
                return Arrays.copyOf(all, all.length - 8);
              }),
          lie("another id", saying(a -> a.getHeader().setID((a.getHeader().getID() + 1) & 0xffff))),
          lie("a question", saying(a -> a.getHeader().unsetFlag(Flags.QR))),
          lie("no question in it", saying(a -> a.removeAllRecords(Section.QUESTION))),
          lie("another name", saying(a -> ask(a, "other.example.", Type.MX, DClass.IN))),
          lie("another type", saying(a -> ask(a, "example.org.", Type.TXT, DClass.IN))),
          lie("another class", saying(a -> ask(a, "example.org.", Type.MX, DClass.CH))));

  private static void ask(Message answer, String name, int type, int dclass) throws IOException {
    answer.removeAllRecords(Section.QUESTION);
    answer.addRecord(Record.newRecord(name(name), type, dclass), Section.QUESTION);
  }

  @ParameterizedTest
  @FieldSource("NOT_ANSWERS")
  void whatIsNoAnswerToTheQuestionIsNotBelieved(Manner manner) throws Exception {
    NameServer server = server(manner);

    assertThat(ResolverContract.trouble(asking(LONG, 2, server).mx("example.org")))
        .isEqualTo(Trouble.MALFORMED);
    assertThat(server.asked()).hasSize(2);
  }

  @ParameterizedTest
  @FieldSource("NOT_ANSWERS")
  void anAnswerAfterANonsensicalOneCounts(Manner manner) throws Exception {
    AtomicInteger count = new AtomicInteger();
    NameServer server =
        server(
            (question, answer, tcp) ->
                count.getAndIncrement() == 0
                    ? manner.reply(question, answer, tcp)
                    : answer.toWire());

    assertThat(ResolverContract.records(asking(LONG, 2, server).mx("example.org")))
        .isEqualTo(RECORDS);
  }

  @Test
  void recordsBesideTheQuestionAreNotBelieved() throws Exception {
    NameServer server =
        server(
            saying(
                answer -> {
                  answer.addRecord(
                      new MXRecord(name("victim.org."), DClass.IN, 60, 0, name("evil.example.")),
                      Section.ANSWER);
                  answer.addRecord(
                      new MXRecord(name("example.org."), DClass.CH, 60, 0, name("evil.example.")),
                      Section.ANSWER);
                  answer.addRecord(
                      new CNAMERecord(name("victim.org."), DClass.IN, 60, name("evil.example.")),
                      Section.ANSWER);
                  answer.addRecord(
                      new ARecord(
                          name("mx.example.org."),
                          DClass.IN,
                          60,
                          InetAddress.ofLiteral("192.0.2.66")),
                      Section.ADDITIONAL);
                }));

    assertThat(ResolverContract.records(asking(LONG, 1, server).mx("example.org")))
        .isEqualTo(RECORDS);
  }

  @Test
  void aHintWhomToAskIsNotTheAbsenceOfRecords() throws Exception { // RFC 2308 §2.2
    NameServer server =
        server(
            saying(
                answer -> {
                  answer.removeAllRecords(Section.ANSWER);
                  answer.addRecord(
                      new NSRecord(name("org."), DClass.IN, 60, name("ns.org.")),
                      Section.AUTHORITY);
                }));

    assertThat(ResolverContract.trouble(asking(LONG, 1, server).mx("example.org")))
        .isEqualTo(Trouble.MALFORMED);
  }

  @Test
  void anEmptyAnswerWithoutAuthorityHasNoData() throws Exception {
    NameServer server = server(saying(answer -> answer.removeAllRecords(Section.ANSWER)));

    assertThat(asking(LONG, 1, server).mx("example.org"))
        .isEqualTo(new Answer.NoData<Mx>(Duration.ZERO));
  }

  @Test
  void whatAnUntrustedServerSaysOfDnssecSaysNothing() throws Exception { // RFC 4035 §4.9.3
    NameServer server = server(saying(answer -> answer.getHeader().setFlag(Flags.AD)));

    assertThat(asking(LONG, 1, server).mx("example.org"))
        .isInstanceOfSatisfying(
            Answer.Found.class, found -> assertThat(found.authenticated()).isFalse());
    assertThat(server.questions().getFirst().getHeader().getFlag(Flags.AD)).isFalse();
  }

  @Test
  void questionsAskForRecursionAndLeaveRoomForLargeAnswers() throws Exception {
    NameServer server = server(Manner.honest());

    trusting(server).mx("example.org");

    Message question = server.questions().getFirst();
    assertThat(question.getHeader().getFlag(Flags.RD)).isTrue();
    assertThat(question.getHeader().getFlag(Flags.AD)).isTrue(); // RFC 6840 §5.7
    assertThat(question.getOPT().getPayloadSize()).isEqualTo(1232);
  }

  @Test
  void anInterruptEndsTheLookUpAndStaysSet() throws Exception {
    NameServer server = server((_, _, _) -> new byte[0]);
    Resolver resolver = asking(LONG, 10, server);

    Thread.currentThread().interrupt();
    Answer<Mx> answer = resolver.mx("example.org");

    assertThat(Thread.interrupted()).isTrue();
    assertThat(ResolverContract.trouble(answer)).isEqualTo(Trouble.TIMEOUT);
  }

  @Test
  void manyAskAtOnce() throws Exception {
    NameServer server =
        serving(
            new NameServer(
                IntStream.range(0, 200)
                    .mapToObj(i -> "d" + i + ".example. MX 10 mx" + i + ".example.\n")
                    .collect(Collectors.joining())));
    Resolver resolver = asking(LONG, 3, server);
    List<Thread> threads = new ArrayList<>();
    Mx[] found = new Mx[200];
    for (int i = 0; i < found.length; i++) {
      int n = i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () ->
                      found[n] =
                          ResolverContract.records(resolver.mx("d" + n + ".example")).getFirst()));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(Stream.of(found).map(Mx::exchange))
        .isEqualTo(IntStream.range(0, 200).mapToObj(i -> "mx" + i + ".example").toList());
  }
}
