package org.depesche.delivery.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.depesche.dns.Answer;
import org.depesche.dns.CachingResolver;
import org.depesche.dns.DnsResolver;
import org.depesche.dns.DnsSettings;
import org.depesche.dns.Resolver;
import org.depesche.mail.Domain;
import org.depesche.time.Ticker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The way of a message as a real name server has it: Debian's nsd with a zone of its own. Skipped
/// where nsd is not installed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = SECONDS)
class MxHostsOfNsdTest {

  private static final String ZONE =
      """
      $ORIGIN test.
      $TTL 60
      @ SOA ns hostmaster 1 3600 600 86400 30
      @ NS ns
      ns A 127.0.0.1
      order MX 20 b
      order MX 10 a
      a A 192.0.2.1
      a AAAA 2001:db8::1
      b A 192.0.2.2
      implicit A 192.0.2.3
      alias CNAME order
      outside CNAME order.elsewhere.
      aliased-host MX 10 b-alias
      b-alias CNAME b
      null MX 0 .
      text TXT "no address"
      lost MX 10 gone
      *.wild MX 10 a
      us MX 5 mx.us.example.
      us MX 10 b
      """;

  private Process nsd;
  private Resolver resolver;
  private MxHosts hosts;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Optional<Path> program =
        Stream.of(System.getenv("PATH").split(":"), new String[] {"/usr/sbin"})
            .flatMap(Stream::of)
            .map(directory -> Path.of(directory, "nsd"))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(program.isPresent(), "nsd is not installed");
    String large =
        IntStream.range(0, 100)
            .mapToObj(i -> "large MX " + i + " a-host-with-a-long-name-" + i + "\n")
            .collect(Collectors.joining());
    Files.writeString(
        folder.resolve("zone"), ZONE + large + "a-host-with-a-long-name-0 A 192.0.2.9\n");
    int port = freePort();
    Path configuration = folder.resolve("nsd.conf");
    Files.writeString(configuration, configuration(folder, port));
    nsd =
        new ProcessBuilder(program.get().toString(), "-d", "-V", "2", "-c", configuration + "")
            .redirectErrorStream(true)
            .start();
    awaitStart();
    resolver =
        new CachingResolver(
            new DnsResolver(
                new DnsSettings(
                    List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
                    Duration.ofSeconds(10),
                    2,
                    false)),
            1000,
            Ticker.system());
    hosts = new MxHosts(resolver, new Ourselves(Set.of("mx.us.example"), Set.of()), new Random(1));
  }

  /// Of UDP and TCP alike, as far as one can know.
  private static int freePort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String configuration(Path folder, int port) {
    return """
    server:
      ip-address: 127.0.0.1@PORT
      username: ""
      chroot: ""
      zonesdir: "FOLDER"
      database: ""
      pidfile: "FOLDER/pid"
      xfrdfile: "FOLDER/xfrd"
      zonelistfile: "FOLDER/zones.list"
      server-count: 1
    remote-control:
      control-enable: no
    zone:
      name: "test"
      zonefile: "zone"
    """
        .replace("PORT", String.valueOf(port))
        .replace("FOLDER", folder.toString());
  }

  /// Reads what nsd says until it says that it serves; then lets it talk.
  private void awaitStart() throws IOException {
    BufferedReader words = nsd.inputReader(UTF_8);
    StringBuilder said = new StringBuilder();
    for (String line = words.readLine(); line != null; line = words.readLine()) {
      said.append(line).append('\n');
      if (line.contains("nsd started")) {
        Thread.ofVirtual().name("nsd-words").start(() -> words.lines().forEach(_ -> {}));
        return;
      }
    }
    throw new IOException("nsd did not start: " + said);
  }

  @AfterAll
  void stop() throws InterruptedException {
    if (nsd != null) {
      nsd.destroy();
      assertThat(nsd.waitFor(20, SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "order.test, 10 a.test 2001:db8:0:0:0:0:0:1 192.0.2.1; 20 b.test 192.0.2.2",
    "ORDER.Test, 10 a.test 2001:db8:0:0:0:0:0:1 192.0.2.1; 20 b.test 192.0.2.2",
    "alias.test, 10 a.test 2001:db8:0:0:0:0:0:1 192.0.2.1; 20 b.test 192.0.2.2",
    "implicit.test, 0 implicit.test 192.0.2.3",
    "aliased-host.test, 10 b-alias.test 192.0.2.2",
    "any.wild.test, 10 a.test 2001:db8:0:0:0:0:0:1 192.0.2.1",
    "large.test, 0 a-host-with-a-long-name-0.test 192.0.2.9"
  })
  void hostsAreFound(String domain, String expected) {
    NextHops found = hosts.find(new Domain(domain));

    assertThat(found).isInstanceOf(NextHops.Hosts.class);
    assertThat(
            ((NextHops.Hosts) found)
                .hosts().stream().map(MxHostsOfNsdTest::text).collect(Collectors.joining("; ")))
        .isEqualTo(expected);
  }

  private static String text(NextHop hop) {
    return hop.preference()
        + " "
        + hop.name()
        + hop.addresses().stream()
            .map(address -> " " + address.getHostAddress())
            .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource({
    "null.test, NullMx",
    "missing.test, NoSuchDomain",
    "text.test, NoHost",
    "lost.test, NoHost",
    "us.test, OurselvesOnly",
    "not.served.here, Undecided",
    "outside.test, Undecided"
  })
  void whyThereIsNoneIsTold(String domain, String kind) {
    assertThat(hosts.find(new Domain(domain)).getClass().getSimpleName()).isEqualTo(kind);
  }

  @Test
  void negativeAnswersHoldAsLongAsTheZoneSays() { // RFC 2308 §5
    assertThat(resolver.mx("missing.test").ttl()).isEqualTo(Duration.ofSeconds(30));
    assertThat(resolver.mx("text.test").ttl()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void allRecordsOfALargeAnswerAreThere() { // RFC 7766 §5
    assertThat(resolver.mx("large.test"))
        .isInstanceOfSatisfying(
            Answer.Found.class, found -> assertThat(found.records().size()).isEqualTo(100));
  }
}
